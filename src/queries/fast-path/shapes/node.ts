import { Device } from "../../../entities/device.js";
import { decodeGlobalId } from "../../../entities/global-id.js";
import { User } from "../../../entities/user.js";
import { decodeNodeKey, keyColumns, type NodeClass, type NodeKey } from "../../node-key.js";
import { nodeNamed } from "../../node-scopes.js";
import { refuseOversize } from "../../page-size.js";
import { argumentsOf } from "../compilation.js";
import { FAIL_SQL } from "../json-text.js";
import { rowJson } from "../objects.js";
import type { FieldJson, Place } from "../shape.js";
import { type Call, fillIn, type Late, type Sql } from "../template.js";

interface Found {
  readonly node: NodeClass;
  readonly key: NodeKey;
}

/** The object with any global id; null where the caller sees none. */
export const node: FieldJson = (place) => {
  const args = argumentsOf(place);
  const rows = rowsByType(place);
  const found: Late = (call) => {
    const { id } = args(call) as { id: string };
    const object = find(place, id);
    if (!object) return "'null'";
    const key = keyColumns(object.node).map(({ type }, at) => call.bind(object.key[at], type));
    return `(SELECT COALESCE(${fillIn(rows(object.node), call)}, 'null') FROM (SELECT ${named(key)}) AS asked)`;
  };
  return [{ sql: [found] }];
};

/** The same for several, in their order. */
export const nodes: FieldJson = (place) => {
  const args = argumentsOf(place);
  const rows = rowsByType(place);
  const found: Late = (call) => {
    const { ids } = args(call) as { ids: readonly string[] };
    refuseOversize(ids.length);
    const objects = ids.map((id) => find(place, id));
    const types = new Set(objects.flatMap((object) => (object ? [object.node] : [])));
    const asked = `SELECT ordinal, NULL AS text FROM generate_series(1, ${call.bind(ids.length, "integer")}) AS ordinal`;
    const ofTypes = [...types].map((type) => ofType(type, objects, rows(type), call));
    const all = [asked, ...ofTypes].join(" UNION ALL ");
    return `(SELECT string_agg(COALESCE(text, 'null'), ',' ORDER BY ordinal)
      FROM (SELECT ordinal, max(text) AS text FROM (${all}) AS every GROUP BY ordinal) AS object)`;
  };
  return ["[", { sql: [found] }, "]"];
};

/** A member of a collection, whose row names a person or a device. */
export const collectionMember: FieldJson = (place) => {
  const person = rowJson(place, User, [[`${place.row}.user_id`]]);
  const device = rowJson(place, Device, [[`${place.row}.device_id`]]);
  return [{ sql: ["COALESCE(", ...person, ", ", ...device, `, ${FAIL_SQL})`] }];
};

function find({ compilation }: Place, id: string): Found | null {
  const name = decodeGlobalId(id)?.type;
  const node = name === undefined ? null : nodeNamed(name);
  const key = node && decodeNodeKey(node, id);
  return node && key && compilation.mayAccess(compilation.typeOf(node)) ? { node, key } : null;
}

/** SQL for the object's text, each type when it is first met; its key is in the row `asked`. */
function rowsByType(place: Place): (node: NodeClass) => Sql {
  const known = new Map<NodeClass, Sql>();
  return (node) => {
    const sql =
      known.get(node) ??
      rowJson(
        place,
        node,
        keyColumns(node).map((_, at) => [`asked.key_${at}`]),
      );
    known.set(node, sql);
    return sql;
  };
}

function named(key: readonly string[]): string {
  return key.map((part, at) => `${part} AS key_${at}`).join(", ");
}

function ofType(type: NodeClass, objects: readonly (Found | null)[], row: Sql, call: Call): string {
  const places = objects.flatMap((object, at) => (object?.node === type ? [{ ordinal: at + 1, key: object.key }] : []));
  const ordinals = call.bind(
    places.map(({ ordinal }) => ordinal),
    "integer[]",
  );
  const keys = keyColumns(type).map((column, at) =>
    call.bind(
      places.map(({ key }) => key[at]),
      `${column.type}[]`,
    ),
  );
  const names = keys.map((_, at) => `key_${at}`).join(", ");
  return `SELECT asked.ordinal, ${fillIn(row, call)} AS text
    FROM unnest(${[ordinals, ...keys].join(", ")}) AS asked(ordinal, ${names})`;
}

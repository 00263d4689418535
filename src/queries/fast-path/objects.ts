import { isNonNullType } from "graphql";
import { decodeNodeKey, keyColumns, missing, type NodeClass } from "../node-key.js";
import { argumentsOf, objectTypeOf } from "./compilation.js";
import { FAIL_SQL, type Json, textOf } from "./json-text.js";
import { scalarJson } from "./scalar-json.js";
import type { FieldJson, Place, Shape } from "./shape.js";
import type { Call, Late, Sql } from "./template.js";
import { Unserved } from "./unserved.js";

/** A scalar or enum of its own. @param expression SQL of the value, given the row's alias; it may give NULL. */
export function value(expression: (row: string) => string): FieldJson {
  return ({ field, row }) => scalarJson(field.type, [expression(row)], true);
}

/** One that depends on what time it is, or on who asks. */
export function lateValue(expression: (row: string, call: Call, place: Place) => string): FieldJson {
  return (place) => scalarJson(place.field.type, [(call) => expression(place.row, call, place)], true);
}

/** What no statement can tell is left to the ordinary execution. */
export const untold: FieldJson = ({ type, field }) => {
  throw new Unserved(`${type.name}.${field.name}`);
};

/** The object with the key that the row holds in these columns; it must be there where the schema says so. */
export function one(node: NodeClass, ...columns: readonly string[]): FieldJson {
  return oneWhere(node, ({ row }) => columns.map((column) => [`${row}.${column}`]));
}

/** The same, where a condition on the row is met; otherwise there is none. */
export function oneIf(condition: (row: string) => string, node: NodeClass, ...columns: readonly string[]): FieldJson {
  return oneWhere(
    node,
    ({ row }) => columns.map((column) => [`${row}.${column}`]),
    ({ row }) => condition(row),
  );
}

/** The object whose key these SQL expressions give. */
export function oneWhere(
  node: NodeClass,
  key: (place: Place) => readonly Sql[],
  condition?: (place: Place) => string,
): FieldJson {
  return (place) => {
    const row = rowJson(place, node, key(place), condition?.(place));
    return [{ sql: ["COALESCE(", ...row, `, ${isNonNullType(place.field.type) ? FAIL_SQL : "'null'"})`] }];
  };
}

/** What the row itself holds, as an object of another type. */
export const same: FieldJson = (place) => {
  const { compilation, nodes, row } = place;
  return compilation.objectJson(objectTypeOf(place), nodes, row);
};

/** The object of the field's type that has the global id in the argument `id`. What is not there is an error. */
export function byId(node: NodeClass): FieldJson {
  return (place) => [{ sql: ["COALESCE(", ...rowJson(place, node, keyIn(place, node, "id")), `, ${FAIL_SQL})`] }];
}

/** The parts of the key in the global id that an argument holds. */
export function keyIn(place: Place, node: NodeClass, argument: string): readonly Sql[] {
  const args = argumentsOf(place);
  return keyColumns(node).map(({ type }, at) => [
    (call: Call) => {
      const id = String(args(call)[argument]);
      return call.bind((decodeNodeKey(node, id) ?? missing(node, id))[at], type);
    },
  ]);
}

/** SQL for the text of the row with this key; NULL where the caller sees none. */
export function rowJson(place: Place, node: NodeClass, key: readonly Sql[], condition?: string): Sql {
  const { compilation, nodes } = place;
  const json = (alias: string) => compilation.objectJson(compilation.typeOf(node), nodes, alias);
  return ofRow(place, node, key, json, condition);
}

/** SQL for a text about the row with this key, given its alias; NULL where the caller sees none. */
export function ofRow(
  { compilation }: Place,
  node: NodeClass,
  key: readonly Sql[],
  about: (row: string) => Json,
  condition?: string,
): Sql {
  const alias = compilation.newAlias();
  const json = about(alias);
  const where = keyColumns(node).flatMap(({ name }, at) => [
    `${at === 0 ? "" : " AND "}${alias}.${name} = `,
    ...(key[at] ?? []),
  ]);
  return [
    "(SELECT ",
    ...textOf(json),
    ` FROM ${compilation.tableOf(node)} AS ${alias} WHERE `,
    ...where,
    condition ? ` AND ${condition}` : "",
    ...compilation.inScope(node, alias),
    ")",
  ];
}

/** Objects that a JSON column of the row lists. */
export function listIn(column: string): FieldJson {
  return (place) => {
    const { compilation, nodes, row } = place;
    const alias = compilation.newAlias();
    const item = textOf(compilation.objectJson(objectTypeOf(place), nodes, `${alias}.item`));
    const from = ` FROM jsonb_array_elements(${row}.${column}) AS ${alias}(item)`;
    return ["[", { sql: ["(SELECT string_agg(", ...item, ", ',')", from, ")"] }, "]"];
  };
}

/** An object that is a JSON column of the row. */
export function objectIn(column: string): FieldJson {
  return (place) => {
    const { compilation, nodes, row } = place;
    return compilation.objectJson(objectTypeOf(place), nodes, `${row}.${column}`);
  };
}

/** Rows of a statement about the row, all of them. @param select given the row's alias */
export function listOf(select: (row: string, call: Call) => string, orderBy: string): FieldJson {
  return (place) => listFrom(place, (call) => select(place.row, call), orderBy);
}

/** The same where more than the row matters. */
export function listFrom(place: Place, select: Late, orderBy: string): Json {
  const { compilation, nodes } = place;
  const alias = compilation.newAlias();
  const item = textOf(compilation.objectJson(objectTypeOf(place), nodes, alias));
  const sql = ["(SELECT string_agg(", ...item, `, ',' ORDER BY ${alias}.${orderBy}) FROM (`, select, `) AS ${alias})`];
  return ["[", { sql }, "]"];
}

/** The one row of a statement about the row; null without one. @param select given the row's alias */
export function objectOf(select: (row: string, call: Call) => string, fields?: Shape["fields"]): FieldJson {
  return (place) => {
    const { compilation, nodes, row, field } = place;
    const alias = compilation.newAlias();
    const json = textOf(compilation.objectJson(objectTypeOf(place), nodes, alias, fields));
    const sql = ["(SELECT ", ...json, " FROM (", (call: Call) => select(row, call), `) AS ${alias})`];
    return [{ sql: ["COALESCE(", ...sql, `, ${isNonNullType(field.type) ? FAIL_SQL : "'null'"})`] }];
  };
}

/** All objects that name the row in a column, as far as the caller sees them; they are few. */
export function manyOf(node: NodeClass, column: string, ...orderBy: readonly string[]): FieldJson {
  return ({ compilation, nodes, row }) => {
    const alias = compilation.newAlias();
    const item = textOf(compilation.objectJson(compilation.typeOf(node), nodes, alias));
    const order = orderBy.map((name) => `${alias}.${name}`).join(", ");
    const from = `FROM ${compilation.tableOf(node)} AS ${alias} WHERE ${alias}.${column} = ${row}.id`;
    const sql = [
      "(SELECT string_agg(",
      ...item,
      `, ',' ORDER BY ${order}) ${from}`,
      ...compilation.inScope(node, alias),
      ")",
    ];
    return ["[", { sql }, "]"];
  };
}

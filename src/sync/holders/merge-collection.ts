import type { EntityManager } from "typeorm";
import { CollectionKind } from "../../entities/collection.js";
import { type CollectionRecord, PluginError } from "../../plugins/contract.js";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { refreshCollection } from "./refresh-collections.js";

/** What a listing says of one mirrored collection. */
export interface ListedCollection {
  readonly id: string;
  /** How many members it had before the listing. */
  readonly before: number;
  /** Ids of the member rows that the listing does not name. */
  readonly missing: readonly string[];
}

const COLUMNS = { user: "user_id", device: "device_id" } as const;
const KINDS = { user: CollectionKind.USER, device: CollectionKind.DEVICE } as const;

/**
 * Adds a target's collection and the members it has got. Who is missing stays until the listing has turned out to be
 * complete (rule 6). Members that the target has not told of are left out.
 */
export async function mergeCollection(
  tx: EntityManager,
  core: Core,
  targetId: string,
  record: CollectionRecord,
): Promise<ListedCollection> {
  const id = await ensureCollection(tx, core, targetId, record);
  const column = COLUMNS[record.kind];
  const told = `SELECT alias.${column} FROM unnest($3::text[]) AS listed(external_id)
                JOIN holder_alias alias ON alias.target_id = $2 AND alias.external_id = listed.external_id
                WHERE alias.${column} IS NOT NULL`;
  const parameters = [id, targetId, record.memberExternalIds];
  const added = await rows(
    tx,
    `INSERT INTO collection_member (collection_id, ${column})
     SELECT $1::uuid, told.${column} FROM (${told}) told
     EXCEPT SELECT $1::uuid, ${column} FROM collection_member WHERE collection_id = $1
     ON CONFLICT DO NOTHING RETURNING id`,
    parameters,
  );
  const missing = await rows<{ id: string }>(
    tx,
    `SELECT id FROM collection_member member
     WHERE collection_id = $1 AND NOT EXISTS (SELECT FROM (${told}) told WHERE told.${column} = member.${column})`,
    parameters,
  );
  const members = await row<{ count: number }>(
    tx,
    "SELECT count(*)::int AS count FROM collection_member WHERE collection_id = $1",
    [id],
  );
  if (added.length > 0) await refreshCollection(tx, id);
  return { id, before: (members?.count ?? 0) - added.length, missing: missing.map((member) => member.id) };
}

async function ensureCollection(
  tx: EntityManager,
  core: Core,
  targetId: string,
  record: CollectionRecord,
): Promise<string> {
  const known = await row<{ id: string; name: string; kind: CollectionKind }>(
    tx,
    "SELECT id, name, kind FROM collection WHERE target_id = $1 AND external_id = $2",
    [targetId, record.externalId],
  );
  if (!known) return insertCollection(tx, core, targetId, record);
  if (known.kind !== KINDS[record.kind]) {
    throw new PluginError(
      "internal",
      `The collection "${record.name}" now holds ${record.kind}s, which it did not before: give it a new id at the target.`,
    );
  }
  if (known.name !== record.name) {
    await tx.query("UPDATE collection SET name = $2 WHERE id = $1", [known.id, record.name]);
  }
  return known.id;
}

async function insertCollection(
  tx: EntityManager,
  core: Core,
  targetId: string,
  record: CollectionRecord,
): Promise<string> {
  const id = core.clock.uuid();
  await tx.query(
    "INSERT INTO collection (id, name, kind, target_id, external_id, added_at) VALUES ($1, $2, $3, $4, $5, $6)",
    [id, record.name, KINDS[record.kind], targetId, record.externalId, core.clock.now()],
  );
  return id;
}

import type { PoolClient } from "pg";
import { HolderKind } from "../../../entities/license.js";
import { SyncRunState } from "../../../entities/sync-run.js";
import type { AppleUserRow, AssetRow, AssignmentRow } from "../../apple/apple-client.js";
import { type CopyValue, copyRows } from "./copy-rows.js";
import type { SyncRunRecord } from "./run-record.js";

const SCHEMA = "staging";

/** `asked` holds the apps whose holdings were read whole, and since when; `ending` the holdings that two reads miss. */
const COLUMNS = {
  asset: `adam_id text, pricing_param text, product_type text, total_count integer, assigned_count integer,
          available_count integer, retired_count integer, device_assignable boolean, revocable boolean,
          platforms text[], requested_at timestamptz(3)`,
  registration: `client_user_id text, status text, email text, invite_code text, invitation_url text, id_hash text,
                 requested_at timestamptz(3)`,
  assignment: "adam_id text, pricing_param text, holder_kind text, holder_key text, requested_at timestamptz(3)",
  asked: "store_app_id bigint, adam_id text, pricing_param text, asked_at timestamptz(3)",
  ending: "license_id bigint",
} as const;

type TableName = keyof typeof COLUMNS;

/** Where a run puts what it reads before it is merged: tables of its own, without a write-ahead log. */
export interface Staging {
  /** The full names, for SQL. */
  readonly tables: Readonly<Record<TableName, string>>;
  addAssets(rows: readonly AssetRow[], requestedAt: Date): Promise<void>;
  addRegistrations(rows: readonly AppleUserRow[], requestedAt: Date): Promise<void>;
  addAssignments(rows: readonly AssignmentRow[], requestedAt: Date): Promise<void>;
  /** These apps were read whole from then on. */
  addAsked(apps: readonly { id: string; adamId: string; pricingParam: string }[], askedAt: Date): Promise<void>;
  empty(...names: TableName[]): Promise<void>;
  /** Lets the planner know what is in them. */
  analyze(...names: TableName[]): Promise<void>;
  drop(): Promise<void>;
}

/** Makes a run's tables, and drops those that dead workers have left behind. */
export async function createStaging(client: PoolClient, run: SyncRunRecord): Promise<Staging> {
  await ensureSchema(client);
  await dropOrphans(client, run);
  const tables = Object.fromEntries(
    Object.keys(COLUMNS).map((name) => [name, `${SCHEMA}.${name}_${run.id}_${run.attempts}`]),
  ) as Record<TableName, string>;
  for (const [name, columns] of Object.entries(COLUMNS)) {
    await client.query(`CREATE UNLOGGED TABLE ${tables[name as TableName]} (${columns})`);
  }
  const inTurn = createTurns();
  const copy = (name: TableName, rows: readonly (readonly CopyValue[])[]) =>
    inTurn(() => copyRows(client, tables[name], rows));
  const each = (statement: (table: string) => string, names: readonly TableName[]) =>
    inTurn(async () => {
      for (const name of names) await client.query(statement(tables[name]));
    });
  return {
    tables,
    addAssets: (rows, requestedAt) =>
      copy(
        "asset",
        rows.map((row) => assetFields(row, requestedAt)),
      ),
    addRegistrations: (rows, requestedAt) =>
      copy(
        "registration",
        rows.map((row) => registrationFields(row, requestedAt)),
      ),
    addAssignments: (rows, requestedAt) =>
      copy(
        "assignment",
        rows.map((row) => assignmentFields(row, requestedAt)),
      ),
    addAsked: (apps, askedAt) =>
      copy(
        "asked",
        apps.map((app) => [app.id, app.adamId, app.pricingParam, askedAt]),
      ),
    empty: (...names) => each((table) => `TRUNCATE ${table}`, names),
    analyze: (...names) => each((table) => `ANALYZE ${table}`, names),
    drop: () => each((table) => `DROP TABLE IF EXISTS ${table}`, Object.keys(COLUMNS) as TableName[]),
  };
}

/** Pages come in parallel, and a session does one thing at a time. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
}

function assetFields(row: AssetRow, requestedAt: Date) {
  return [
    row.adamId,
    row.pricingParam,
    row.productType,
    row.totalCount,
    row.assignedCount,
    row.availableCount,
    row.retiredCount,
    row.deviceAssignable,
    row.revocable,
    row.platforms,
    requestedAt,
  ];
}

function registrationFields(row: AppleUserRow, requestedAt: Date) {
  return [row.clientUserId, row.status, row.email, row.inviteCode, row.invitationUrl, row.idHash, requestedAt];
}

function assignmentFields(row: AssignmentRow, requestedAt: Date) {
  const kind = row.serialNumber === null ? HolderKind.USER : HolderKind.DEVICE;
  return [row.adamId, row.pricingParam, kind, row.serialNumber ?? row.clientUserId, requestedAt];
}

/** Several processes may start at once: the lock keeps two from creating it together. */
async function ensureSchema(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regnamespace($1) IS NOT NULL AS there", [SCHEMA]);
  if (rows[0]?.there) return;
  const key = "hashtextextended('staging-schema', 0)";
  await client.query(`SELECT pg_advisory_lock(${key})`);
  try {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${key})`);
  }
}

/** Tables of runs that have ended, and of earlier beginnings of this one. */
async function dropOrphans(client: PoolClient, run: SyncRunRecord): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'
       AND NOT EXISTS (SELECT 1 FROM sync_run
                       WHERE id::text = split_part(relname, '_', 2) AND id <> $2 AND state = '${SyncRunState.RUNNING}')`,
    [SCHEMA, run.id],
  );
  for (const { name } of rows) await client.query(`DROP TABLE IF EXISTS ${SCHEMA}.${client.escapeIdentifier(name)}`);
}

import type { PoolClient } from "pg";
import { HolderKind } from "../../../entities/license.js";
import { SyncRunState } from "../../../entities/sync-run.js";
import type { AppleUserRow, AssetRow, AssignmentRow } from "../../apple/apple-client.js";
import { type CopyValue, copyRows } from "./copy-rows.js";
import type { SyncRunRecord } from "./run-record.js";

const SCHEMA = "staging";

const APP = "adam_id text, pricing_param text";
const HOLDER = `${APP}, holder_kind text, holder_key text`;
const HOLDING = `${HOLDER}, requested_at timestamptz(3)`;
const REGISTRATION = `client_user_id text, status text, email text, invite_code text, invitation_url text, id_hash text,
                      requested_at timestamptz(3)`;

/**
 * What is read, and what follows from it. `assignment` and `registration` hold the lists; `again` the holdings of apps that
 * were read once more, each whole, and `registration_again` the registrations. `asked` are the apps whose holdings were read
 * whole by themselves, with the moment, and `ours` what they are held by here. `fresh` are the holdings that are not here, `missing` ours that Apple does not show,
 * `twice` when two reads do not (rule 3); `missing_user` the same of registrations.
 */
const COLUMNS = {
  asset: `${APP}, product_type text, total_count integer, assigned_count integer, available_count integer,
          retired_count integer, device_assignable boolean, revocable boolean, platforms text[], requested_at timestamptz(3)`,
  registration: REGISTRATION,
  registration_again: REGISTRATION,
  assignment: HOLDING,
  again: HOLDING,
  asked: `${APP}, asked_at timestamptz(3)`,
  fresh: HOLDING,
  ours: `license_id bigint, ${HOLDER}, may_be_missing boolean`,
  missing: `license_id bigint, ${HOLDER}, missed_at timestamptz(3), twice boolean`,
  missing_user: "apple_user_id bigint, client_user_id text, missed_at timestamptz(3)",
} as const;

type TableName = keyof typeof COLUMNS;

/** An app as Apple tells apps apart. */
export interface AppKey {
  readonly adamId: string;
  readonly pricingParam: string;
}

/** Where a run puts what it reads before it is merged: tables of its own, without a write-ahead log. */
export interface Staging {
  /** The full names, for SQL. */
  readonly tables: Readonly<Record<TableName, string>>;
  addAssets(rows: readonly AssetRow[], requestedAt: Date): Promise<void>;
  addRegistrations(
    rows: readonly AppleUserRow[],
    requestedAt: Date,
    to?: "registration" | "registration_again",
  ): Promise<void>;
  addAssignments(
    rows: readonly AssignmentRow[],
    requestedAt: Date,
    to?: "assignment" | "again" | "fresh",
  ): Promise<void>;
  /** This app was read whole from then on. */
  addAsked(app: AppKey, askedAt: Date): Promise<void>;
  empty(...names: TableName[]): Promise<void>;
  /** Lets the planner know what is in them. */
  analyze(...names: TableName[]): Promise<void>;
  drop(): Promise<void>;
}

/** Makes a run's tables, and drops those that dead workers have left behind. */
export async function createStaging(client: PoolClient, run: SyncRunRecord): Promise<Staging> {
  await ensureSchema(client);
  await dropOrphans(client, run);
  const names = Object.keys(COLUMNS) as TableName[];
  const tables = Object.fromEntries(
    names.map((name) => [name, `${SCHEMA}.${name}_${run.id}_${run.attempts}`]),
  ) as Record<TableName, string>;
  await client.query(names.map((name) => `CREATE UNLOGGED TABLE ${tables[name]} (${COLUMNS[name]})`).join(";"));
  const inTurn = createTurns();
  const copy = (name: TableName, rows: readonly (readonly CopyValue[])[]) =>
    inTurn(() => copyRows(client, tables[name], rows));
  const all = (of: readonly TableName[]) => of.map((name) => tables[name]).join(", ");
  const execute = (statement: string) =>
    inTurn(async () => {
      await client.query(statement);
    });
  return {
    tables,
    addAssets: (rows, requestedAt) =>
      copy(
        "asset",
        rows.map((row) => assetFields(row, requestedAt)),
      ),
    addRegistrations: (rows, requestedAt, to = "registration") =>
      copy(
        to,
        rows.map((row) => registrationFields(row, requestedAt)),
      ),
    addAssignments: (rows, requestedAt, to = "assignment") =>
      copy(
        to,
        rows.map((row) => assignmentFields(row, requestedAt)),
      ),
    addAsked: ({ adamId, pricingParam }, askedAt) => copy("asked", [[adamId, pricingParam, askedAt]]),
    empty: (...of) => execute(`TRUNCATE ${all(of)}`),
    analyze: (...of) => execute(`ANALYZE ${all(of)}`),
    drop: () => execute(`DROP TABLE IF EXISTS ${all(names)}`),
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
                       WHERE id::text = split_part(relname, '_', -2) AND id <> $2 AND state = '${SyncRunState.RUNNING}')`,
    [SCHEMA, run.id],
  );
  for (const { name } of rows) await client.query(`DROP TABLE IF EXISTS ${SCHEMA}.${client.escapeIdentifier(name)}`);
}

/** For maps and sets. */
export function appName({ adamId, pricingParam }: AppKey): string {
  return `${adamId} ${pricingParam}`;
}

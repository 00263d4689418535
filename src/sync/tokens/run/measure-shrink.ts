import type { EntityManager } from "typeorm";
import { LIVE_APPLE_USER_SQL } from "../../../entities/apple-user.js";
import { SyncRunState } from "../../../entities/sync-run.js";
import { row } from "../../../queries/sql.js";
import { mayBeMissing, type Reading } from "./compare-holdings.js";
import { isUnlisted } from "./merge-apps.js";
import { isOver } from "./merge-users.js";
import type { ListRead } from "./read-pages.js";

/** Above both, a run changes nothing without an equal second read (rule 6). */
const SHRINK_ROWS = 20;
const SHRINK_SHARE = 0.2;

interface Loss {
  readonly what: string;
  readonly losing: number;
  readonly known: number;
}

/** What a run would lose. */
export interface Shrink {
  /** Those losses that are too large to be believed at once. */
  readonly tooLarge: readonly Loss[];
  /** The same for the same losses; null when there are none. */
  readonly digest: string | null;
}

interface Counted {
  losing: number;
  known: number;
  ids: string | null;
}

/** @param list the list of apps if it was read as a whole, and did not move meanwhile. */
export async function measureShrink(tx: EntityManager, reading: Reading, list: ListRead | null): Promise<Shrink> {
  const found = {
    holdings: await countHoldings(tx, reading),
    apps: list ? await countApps(tx, reading, list) : null,
    registrations: await countRegistrations(tx, reading),
  };
  const losses = Object.entries(found).flatMap(([what, loss]) => (loss ? [{ what, ...loss }] : []));
  const tooLarge = losses.filter(({ losing, known }) => losing > SHRINK_ROWS && losing > known * SHRINK_SHARE);
  const digest = tooLarge.map(({ what, ids }) => `${what} ${ids}`).join(" ");
  return { tooLarge, digest: digest === "" ? null : digest };
}

/** Whether a loss is too large to be believed now; an equal one that the last run has held back is believed. */
export async function mustHoldBack(tx: EntityManager, { run }: Reading, shrink: Shrink): Promise<boolean> {
  if (shrink.tooLarge.length === 0) return false;
  const last = await row<{ shrink_digest: string | null }>(
    tx,
    `SELECT shrink_digest FROM sync_run
     WHERE token_id = $1 AND state IN ('${SyncRunState.SUCCEEDED}', '${SyncRunState.HELD_BACK}')
     ORDER BY ended_at DESC, id DESC LIMIT 1`,
    [run.tokenId],
  );
  return last?.shrink_digest !== shrink.digest;
}

const digestOf = (id: string) => `encode(sha256(string_agg(${id}::text, ',' ORDER BY ${id})::bytea), 'hex') AS ids`;

function countHoldings(tx: EntityManager, { run, staging }: Reading): Promise<Counted | null> {
  return row<Counted>(
    tx,
    `SELECT count(*)::int AS losing, ${digestOf("license.id")},
            (SELECT COALESCE(sum(held_count), 0)::int FROM store_app WHERE token_id = $1) AS known
     FROM ${staging.tables.missing} missed JOIN license ON license.token_id = $1 AND license.id = missed.license_id
     WHERE missed.twice AND ${mayBeMissing("missed.missed_at")}`,
    [run.tokenId],
  );
}

function countApps(tx: EntityManager, { run, staging }: Reading, list: ListRead): Promise<Counted | null> {
  return row<Counted>(
    tx,
    `SELECT count(*)::int AS losing, ${digestOf("app.id")},
            (SELECT count(*)::int FROM store_app WHERE token_id = $1 AND unlisted_at IS NULL) AS known
     FROM store_app app WHERE app.token_id = $1 AND ${isUnlisted(staging)}`,
    [run.tokenId, list.requestedAt],
  );
}

function countRegistrations(tx: EntityManager, { run, staging }: Reading): Promise<Counted | null> {
  return row<Counted>(
    tx,
    `SELECT count(*)::int AS losing, ${digestOf("ours.id")},
            (SELECT count(*)::int FROM apple_user WHERE token_id = $1 AND ${LIVE_APPLE_USER_SQL}) AS known
     FROM apple_user ours WHERE ${isOver(staging)}`,
    [run.tokenId],
  );
}

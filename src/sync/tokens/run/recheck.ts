import { rows } from "../../../queries/sql.js";
import { compareAgain, type Reading } from "./compare-holdings.js";
import { findMismatches, openMismatches } from "./find-mismatches.js";
import { isUnlisted } from "./merge-apps.js";
import type { ListRead } from "./read-pages.js";
import { type AppKey, appName } from "./staging.js";

/** The second read of what the first one missed; a delta needs one more, since it reads no app whole. */
const REREADS = 2;

/** How an app is read by itself. */
export interface AppReader {
  /** Reads the holdings of these apps, each whole, into `again` and `asked`. */
  readHoldings(apps: readonly AppKey[]): Promise<void>;
  /** Reads the counts of these apps into `asset`; left out where they are not compared with holdings. */
  readCounts?(apps: readonly AppKey[]): Promise<void>;
}

/** The apps whose counts and holdings were read again, and when the holdings were first asked for. */
export interface Recount {
  readonly apps: readonly AppKey[];
  readonly askedAt: Date;
}

/**
 * Reads again the apps that miss holdings or whose counts do not fit, and those that are held and have gone from the list.
 * @param list of apps, where no list of all holdings was read that tells of those, too; when it is whole and did not move.
 */
export async function recheck(reading: Reading, reader: AppReader, list: ListRead | null): Promise<Recount> {
  const { core, staging } = reading;
  const differing = reader.readCounts ? await differingApps(reading) : [];
  if (differing.length > 0) await reader.readCounts?.(differing);
  const missed = await core.dataSource.query<AppKey[]>(
    `SELECT DISTINCT adam_id AS "adamId", pricing_param AS "pricingParam" FROM ${staging.tables.missing}`,
  );
  const gone = list ? await heldAndGone(reading, list) : [];
  const all = [...missed, ...differing, ...gone];
  let due: readonly AppKey[] = [...new Map(all.map((app) => [appName(app), app])).values()];
  const askedAt = core.clock.now();
  for (let round = 1; round <= REREADS && due.length > 0; round += 1) {
    await staging.empty("again", "asked", "ours");
    await reader.readHoldings(due);
    due = await compareAgain(reading);
  }
  return { apps: differing, askedAt };
}

function heldAndGone({ core, run, staging }: Reading, list: ListRead): Promise<AppKey[]> {
  return rows<AppKey>(
    core.dataSource,
    `SELECT adam_id AS "adamId", pricing_param AS "pricingParam" FROM store_app app
     WHERE token_id = $1 AND held_count > 0 AND ${isUnlisted(staging)}`,
    [run.tokenId, list.requestedAt],
  );
}

/** Not one whose counts have stayed the same since an alert was raised about them: it was read again then. */
async function differingApps({ core, run, staging }: Reading): Promise<AppKey[]> {
  const known = await openMismatches(core.dataSource, run);
  const mismatches = await findMismatches(core.dataSource, run, staging);
  return mismatches.filter(({ storeAppId, countsAt }) => {
    const raisedAt = storeAppId === null ? undefined : known.get(storeAppId);
    return raisedAt === undefined || raisedAt < countsAt;
  });
}

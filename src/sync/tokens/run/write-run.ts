import type { EntityManager } from "typeorm";
import type { Reading } from "./compare-holdings.js";
import { countRetired } from "./count-retired.js";
import { endHoldings } from "./end-holdings.js";
import { addFollowUps, holdBack } from "./end-run.js";
import { linkHolders } from "./link-holders.js";
import { lockApps } from "./lock-apps.js";
import { measureShrink, mustHoldBack } from "./measure-shrink.js";
import { mergeApps } from "./merge-apps.js";
import { startHoldings } from "./merge-holdings.js";
import { mergeUsers } from "./merge-users.js";
import { noteMissed } from "./missed-licenses.js";
import type { ListRead } from "./read-pages.js";
import { addRowCounts, holdRun, type RowCounts } from "./run-record.js";
import { countStrays, warnOfStrays } from "./stray-holdings.js";

/** After so many new rows the planner must not go by what it knew before, until autovacuum comes by. */
const NEW_STATISTICS_FROM = 1000;

/** What was read, as far as it bears on what is written. */
export interface Written {
  /** The list of apps when it was read as a whole, and did not move meanwhile: what it lacks is unlisted. */
  readonly apps: ListRead | null;
  /** The list of registrations; null when there is none to read. */
  readonly users: ListRead | null;
  /** Who starts and ends holdings when we have not. */
  readonly actor: string;
}

/**
 * The verdict on what a run has read, and all that it writes, in one transaction. A loss that is too large to be believed
 * is held back: then nothing of that reading is written, for what is wrong in one part may be wrong in all (rule 6).
 * Registrations and apps first: holdings refer to them.
 * @param end what else belongs to the end of a run that was not held back.
 * @throws RunLostError when somebody else has ended or begun the run.
 */
export async function writeRun(
  reading: Reading,
  written: Written,
  end: (tx: EntityManager) => Promise<void>,
): Promise<void> {
  const { core, run, staging } = reading;
  const added = await core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    const shrink = await measureShrink(tx, reading, written.apps);
    if (await mustHoldBack(tx, reading, shrink)) {
      await noteMissed(tx, run, staging);
      await holdBack(tx, core, run, shrink);
      return 0;
    }
    const basics = await writeBasics(tx, reading, written);
    await warnOfStrays(tx, run, await countStrays(tx, run, staging));
    const started = await startHoldings(tx, run, staging, written.actor);
    const linked = await linkHolders(tx, run, staging);
    const ended = await endHoldings(tx, core, run, staging, written.actor);
    await countRetired(tx, run);
    await tx.query(`DELETE FROM ${staging.tables.missing} WHERE twice`);
    const counts = { added: basics.added + started, changed: basics.changed + linked, ended };
    await addRowCounts(tx, run, counts);
    await addFollowUps(tx, run);
    await end(tx);
    return counts.added;
  });
  if (added >= NEW_STATISTICS_FROM) await core.dataSource.query("ANALYZE store_app, apple_user, license");
}

/** Writes apps and registrations. What was written already is found unchanged. */
export async function writeBasics(tx: EntityManager, { run, staging }: Reading, written: Written): Promise<RowCounts> {
  const users = written.users ? await mergeUsers(tx, run, staging, written.users) : { added: 0, changed: 0 };
  await lockApps(tx, run, staging, written.apps);
  const apps = await mergeApps(tx, run, staging, written.apps);
  return { added: apps.added + users.added, changed: apps.changed + users.changed, ended: 0 };
}

import type { EntityManager } from "typeorm";
import { AlertKind } from "../../../entities/alert.js";
import { clearAlerts, raiseAlerts } from "../../raise-alerts.js";
import type { Reading } from "./compare-holdings.js";
import { findMismatches, type Mismatch, mismatchSubject, openMismatches } from "./find-mismatches.js";
import type { Recount } from "./recheck.js";
import { addWarnings } from "./run-record.js";
import { appName } from "./staging.js";

/**
 * Raises COUNT_MISMATCH for apps that still do not fit after they were read again, and clears it where Apple and we agree.
 * Counts that a notification has brought since are for the next run to compare with holdings.
 */
export async function judgeCounts(
  tx: EntityManager,
  { core, run, staging }: Reading,
  { apps, askedAt }: Recount,
): Promise<void> {
  const differing = await findMismatches(tx, run, staging);
  const again = new Set(apps.map(appName));
  const messages = differing.flatMap((mismatch) => {
    const { storeAppId, countsAt } = mismatch;
    if (storeAppId === null || countsAt > askedAt || !again.has(appName(mismatch))) return [];
    return [{ subject: mismatchSubject(run, storeAppId), message: describe(mismatch) }];
  });
  await raiseAlerts(tx, core, AlertKind.COUNT_MISMATCH, messages);
  await addWarnings(
    tx,
    run,
    messages.map(({ message }) => message),
  );
  const stillDiffering = new Set(differing.map((mismatch) => mismatch.storeAppId));
  const open = await openMismatches(tx, run);
  const over = [...open.keys()].filter((storeAppId) => !stillDiffering.has(storeAppId));
  if (over.length === 0) return;
  await clearAlerts(
    tx,
    core,
    AlertKind.COUNT_MISMATCH,
    over.map((storeAppId) => mismatchSubject(run, storeAppId)),
  );
}

/** Says which of the three it is: a negative count, more in use than owned, or not what the holdings are. */
function describe({ name, total, assigned, available, retired, holdings }: Mismatch): string {
  const advice = "Claims go by the lower of the two stocks; synchronise again later, and ask Apple if it stays.";
  if (Math.min(total, assigned, available, retired) < 0) {
    const counts = `${total} bought, ${assigned} in use, ${available} available, ${retired} retired`;
    return `Apple gives a negative count of licenses of ${name}: ${counts}. ${advice}`;
  }
  if (assigned > total) {
    return (
      `Apple counts ${assigned} licenses of ${name} in use, and only ${total} bought. ` +
      "Were some refunded or moved? Take licenses back, or buy more."
    );
  }
  return `Apple counts ${assigned} licenses of ${name} in use and shows ${holdings} holdings. ${advice}`;
}

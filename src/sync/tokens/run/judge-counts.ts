import type { EntityManager } from "typeorm";
import { AlertKind } from "../../../entities/alert.js";
import type { Core } from "../../core.js";
import { clearAlerts, raiseAlerts } from "../alerts.js";
import { findMismatches, type Mismatch, mismatchSubject, openMismatches } from "./find-mismatches.js";
import { addWarnings, type SyncRunRecord } from "./run-record.js";

/**
 * Raises COUNT_MISMATCH for apps that still differ after they were read again, and clears it where Apple and we agree.
 * @param reread the apps that this run has read again.
 */
export async function judgeCounts(
  tx: EntityManager,
  core: Core,
  run: SyncRunRecord,
  reread: ReadonlySet<string>,
): Promise<void> {
  const differing = await findMismatches(tx, run);
  const remaining = differing.filter((mismatch) => reread.has(mismatch.storeAppId));
  const messages = remaining.map((mismatch) => ({
    subject: mismatchSubject(run, mismatch.storeAppId),
    message: describe(mismatch),
  }));
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

function describe({ name, assigned, holdings }: Mismatch): string {
  return (
    `Apple counts ${assigned} licenses of ${name} in use and shows ${holdings} holdings. ` +
    "Claims go by the lower of the two stocks; synchronize again later, and ask Apple if it stays."
  );
}

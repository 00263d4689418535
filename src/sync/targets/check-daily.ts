import { AppError } from "../../errors.js";
import type { Core } from "../core.js";
import type { Jobs } from "../jobs.js";
import { checkTarget, recordCheck } from "./check-target.js";
import { warnOfApns } from "./warn-of-apns.js";

/** Checks a target as an admin would. One that cannot be reached is judged by what is known of its APNs certificate. */
export async function checkDaily(core: Core, { targetId }: Jobs["check-target"]): Promise<void> {
  try {
    const check = await checkTarget(core, targetId);
    await core.dataSource.transaction((tx) => recordCheck(tx, core, targetId, check));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    core.log.warn({ targetId, code: error.code }, `A target could not be checked: ${error.message}`);
    await core.dataSource.transaction((tx) => warnOfApns(tx, core, [targetId]));
  }
}

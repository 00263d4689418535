import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { installAgain } from "./install-again.js";
import { lockInstallations } from "./lock-installations.js";
import { moveInstallations } from "./move-installations.js";
import { type TargetStep, unreachableSteps } from "./target-steps.js";

/**
 * Ends the steps of those of these installations whose device the target does not know (any more): it cannot be told of them.
 * What is to be removed there is gone with the device, where its member has left (`leave-target`).
 */
export async function failUnreachableSteps(
  core: Core,
  targetId: string,
  keys: readonly TokenScopedKey[],
): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const found = await unreachableSteps(tx, targetId, keys);
    const locked = await lockInstallations(tx, found);
    const steps = found.map((step) => ({ ...step, licenseId: locked.get(step.id)?.licenseId ?? null }));
    const moves = steps.map((step) => ({
      tokenId: step.tokenId,
      id: step.id,
      from: step.state,
      generation: step.generation,
      to: stateAfter(step),
      reason: R.UNKNOWN_AT_TARGET,
      detail: "The target does not know the device.",
      remedy: "Enroll the device there and import its holders, then retry.",
    }));
    await moveInstallations(tx, core, moves);
    for (const tokenId of new Set(moves.filter(({ to }) => to === S.REQUESTED).map((move) => move.tokenId))) {
      await addJob(tx, "license-installations", { tokenId });
    }
    if (moves.some(({ to }) => to === S.REMOVAL_FAILED)) await addJob(tx, "leave-target", { targetId });
  });
}

function stateAfter(step: Omit<TargetStep, "step">): S {
  if (step.state !== S.REMOVING) return S.FAILED;
  return step.want === InstallationWant.PRESENT ? installAgain(step) : S.REMOVAL_FAILED;
}

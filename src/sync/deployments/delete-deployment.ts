import type { EntityManager } from "typeorm";
import { OnLeave } from "../../entities/deployment.js";
import { InstallationState as S } from "../../entities/installation.js";
import { StoreApp } from "../../entities/store-app.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { endInstallations } from "./end-installations.js";
import { type LeaveOutcome, leaveOutcome } from "./leave-outcome.js";
import { lockDeployment } from "./lock-deployment.js";
import { lockInstallationsOf } from "./lock-installations.js";
import { lockWishes } from "./lock-wishes.js";
import { type ReclaimNotice, reclaimNotice } from "./reclaim-notice.js";
import { refuseReclaim } from "./refuse-reclaim.js";
import { resumeRemovals } from "./resume-removals.js";

/** What a deletion brings about; survives JSON. */
export interface Deletion {
  readonly outcome: LeaveOutcome;
  /** Null where no app in use loses its licence. */
  readonly reclaimNotice: ReclaimNotice | null;
}

/**
 * Deletes a deployment: all its installations leave by its `onLeave`, or by the one given here, also those that had left
 * before and were left alone. Its row stays, and jobs bring what has begun to its end. Deleted again, nothing happens but
 * what another `onLeave` asks for.
 * @throws AppError NOT_FOUND; PRECONDITION_FAILED when licences are to be taken back that Apple does not take back.
 */
export async function deleteDeployment(
  tx: EntityManager,
  core: Core,
  key: TokenScopedKey,
  input: { readonly onLeave: OnLeave | null; readonly actor: string },
): Promise<Deletion> {
  const deployment = await lockDeployment(tx, key);
  const storeApp = { tokenId: deployment.tokenId, id: deployment.storeAppId };
  const app = await tx.findOneByOrFail(StoreApp, storeApp);
  const onLeave = input.onLeave ?? deployment.onLeave;
  refuseReclaim(app, onLeave);
  await lockWishes(tx, [storeApp]);
  await lockInstallationsOf(tx, deployment);
  await tx.query(
    `UPDATE deployment SET deleted_at = COALESCE(deleted_at, $3), deleted_by = COALESCE(deleted_by, $4), on_leave = $5
     WHERE token_id = $1 AND id = $2`,
    [key.tokenId, key.id, core.clock.now(), input.actor, onLeave],
  );
  await tx.query(
    `UPDATE standing_order SET next_attempt_at = NULL
     WHERE token_id = $1 AND application_id = $2 AND next_attempt_at IS NOT NULL`,
    [key.tokenId, deployment.applicationId],
  );
  // Before the removals: one of a device alone may be refused while its collection has the app.
  await addJob(tx, "release-orders", { targetId: deployment.targetId });
  const ended = await endInstallations(tx, core, {
    which: "i.token_id = $1 AND i.deployment_id = $2",
    onLeave: "d.on_leave",
    parameters: [key.tokenId, key.id],
    leaves: true,
  });
  await resumeRemovals(tx, core, storeApp);
  const endsInUse =
    onLeave === OnLeave.RECLAIM && ended.some(({ state, moved, gone }) => state === S.RETURNING && moved && !gone);
  return {
    outcome: leaveOutcome(ended, app.revocable),
    reclaimNotice: endsInUse ? reclaimNotice(core, "The licences that the deployment used return") : null,
  };
}

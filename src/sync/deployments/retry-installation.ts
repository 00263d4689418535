import type { EntityManager } from "typeorm";
import { Installation, InstallationWant, InstallationState as S } from "../../entities/installation.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { KEPT_SQL } from "./kept-sql.js";
import { moveInstallations } from "./move-installations.js";

/**
 * Tries an installation again that has failed, could not be applied, or whose removal failed. It begins a new generation.
 * @throws AppError NOT_FOUND; CONFLICT when it has nothing to retry.
 */
export async function retryInstallation(tx: EntityManager, core: Core, key: TokenScopedKey): Promise<void> {
  const installation = await tx.findOne(Installation, { where: { ...key }, lock: { mode: "pessimistic_write" } });
  if (!installation)
    throw new AppError("NOT_FOUND", "There is no such installation. Use an id that `installations` returned.");
  const to = retriedState(installation);
  if (to === S.REMOVING) await refuseKept(tx, key);
  await moveInstallations(tx, core, [
    { ...key, from: installation.state, generation: installation.generation, to, anew: true },
  ]);
  await addJob(tx, "license-installations", { tokenId: key.tokenId });
  await addJob(tx, "apply-steps", { targetId: installation.targetId });
}

/** An app that another deployment has installed since must not be removed. */
async function refuseKept(tx: EntityManager, key: TokenScopedKey): Promise<void> {
  const kept = await row(tx, `SELECT 1 FROM installation i WHERE i.token_id = $1 AND i.id = $2 AND ${KEPT_SQL}`, [
    key.tokenId,
    key.id,
  ]);
  if (kept) throw new AppError("CONFLICT", "Another deployment keeps this app on the device: it stays.");
}

function retriedState(installation: Installation): S {
  if (installation.want === InstallationWant.ABSENT && installation.state === S.REMOVAL_FAILED) return S.REMOVING;
  if (installation.want === InstallationWant.PRESENT && installation.leftAt !== null) {
    throw new AppError("CONFLICT", "It has left its deployment: the app is not wanted there any more.", {
      leftAt: installation.leftAt.toISOString(),
    });
  }
  if (installation.want === InstallationWant.PRESENT) {
    if (installation.state === S.FAILED) return installation.licenseId === null ? S.REQUESTED : S.LICENSED;
    if (installation.state === S.NOT_APPLICABLE && installation.deviceId !== null) return S.REQUESTED;
  }
  throw new AppError(
    "CONFLICT",
    `An installation in state ${installation.state} has nothing to retry: only FAILED, NOT_APPLICABLE and REMOVAL_FAILED have.`,
    { state: installation.state },
  );
}

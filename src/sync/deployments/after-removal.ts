import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationState as S } from "../../entities/installation.js";
import { Token, TokenAuthority } from "../../entities/token.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob } from "../jobs.js";
import { installAgain } from "./install-again.js";
import { moveInstallations } from "./move-installations.js";
import { releaseLicenses } from "./release-licenses.js";

/** An installation whose app was seen to be gone from the device. */
export interface Gone {
  readonly tokenId: string;
  readonly id: string;
  readonly generation: number;
  readonly state: S;
  readonly want: InstallationWant;
  readonly licenseId: string | null;
}

/**
 * The app is gone, as was wanted: its licence is released. If it is wanted again by now, it is installed anew with the
 * licence it still has.
 */
export async function afterRemoval(tx: EntityManager, core: Core, gone: readonly Gone[]): Promise<void> {
  for (const [tokenId, installations] of groupBy(gone, (installation) => installation.tokenId)) {
    const token = await tx.findOneByOrFail(Token, { id: tokenId });
    const mirrored = token.authority === TokenAuthority.TARGET;
    const moved = await moveInstallations(
      tx,
      core,
      installations.map((installation) => ({
        tokenId,
        id: installation.id,
        from: installation.state,
        generation: installation.generation,
        to: nextState(installation, mirrored),
      })),
    );
    const left = installations.filter(({ id, want }) => moved.has(id) && want === InstallationWant.ABSENT);
    await releaseLicenses(
      tx,
      core,
      tokenId,
      left.flatMap(({ licenseId }) => licenseId ?? []),
    );
    if (mirrored && token.targetId !== null) await addJob(tx, "return-at-target", { targetId: token.targetId });
    await addJob(tx, "advance-installations", { tokenId });
    await addJob(tx, "license-installations", { tokenId });
  }
}

function nextState(installation: Gone, mirrored: boolean): S {
  if (installation.want === InstallationWant.PRESENT) return installAgain({ ...installation, mirrored });
  return mirrored || installation.licenseId !== null ? S.RETURNING : S.REMOVED;
}

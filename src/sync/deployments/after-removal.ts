import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationState as S } from "../../entities/installation.js";
import { Token, TokenAuthority } from "../../entities/token.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob } from "../jobs.js";
import { installAgain } from "./install-again.js";
import { type Move, moveInstallations } from "./move-installations.js";
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
    const others = await settleOthers(tx, core, token, [...moved]);
    await releaseLicenses(tx, core, tokenId, [...left.flatMap(({ licenseId }) => licenseId ?? []), ...others]);
    if (mirrored && token.targetId !== null) await addJob(tx, "return-at-target", { targetId: token.targetId });
    await addJob(tx, "advance-installations", { tokenId });
    await addJob(tx, "license-installations", { tokenId });
  }
}

/** Another installation of the same app on the same device. */
interface Other {
  readonly id: string;
  readonly generation: number;
  readonly state: S;
  readonly left: boolean;
  readonly licenseId: string | null;
  readonly targetId: string;
}

/**
 * Where the app is gone, it is gone for the other deployments of it, too: those that have left it there or were to remove it
 * are at their end, and those that want it there install it anew.
 * @returns the licences that the first ones have let go.
 */
async function settleOthers(
  tx: EntityManager,
  core: Core,
  { id: tokenId, authority }: Token,
  goneIds: readonly string[],
): Promise<string[]> {
  const others = await rows<Other>(
    tx,
    `SELECT DISTINCT other.id, other.generation, other.state, other.license_id AS "licenseId",
            other.target_id AS "targetId", other.left_at IS NOT NULL AS left
     FROM installation gone
     JOIN installation other ON other.device_id = gone.device_id AND other.token_id = gone.token_id
      AND other.store_app_id = gone.store_app_id AND other.id <> gone.id
     WHERE gone.token_id = $1 AND gone.id = ANY($2) AND (
       other.state IN ('INSTALLING', 'INSTALLED') OR other.state = 'FAILED' AND other.left_at IS NOT NULL
       OR other.state = 'SUPERSEDED' AND other.reason = 'KEPT_BY_INSTALL' AND other.want = 'ABSENT')`,
    [tokenId, goneIds],
  );
  await noteRemoved(tx, tokenId, goneIds);
  const mirrored = authority === TokenAuthority.TARGET;
  const isWanted = (other: Other) => !other.left && other.state !== S.SUPERSEDED;
  await moveInstallations(
    tx,
    core,
    others.map((other): Move => {
      const move = { tokenId, id: other.id, from: other.state, generation: other.generation };
      if (!isWanted(other)) return { ...move, to: S.REMOVED, licenseId: null };
      return { ...move, to: installAgain({ ...other, mirrored }), anew: true };
    }),
  );
  for (const targetId of new Set(others.map((other) => other.targetId))) await addJob(tx, "apply-steps", { targetId });
  const former = await partFromFormer(tx, tokenId, goneIds);
  return [...others.filter((other) => !isWanted(other)).flatMap(({ licenseId }) => licenseId ?? []), ...former];
}

/** Where any of them has seen the app on the device, it is there no more. */
async function noteRemoved(tx: EntityManager, tokenId: string, goneIds: readonly string[]): Promise<void> {
  await tx.query(
    `WITH there AS (
       SELECT other.token_id, other.id, gone.observed_at
       FROM installation gone
       JOIN installation other ON other.device_id = gone.device_id AND other.token_id = gone.token_id
        AND other.store_app_id = gone.store_app_id AND other.observed_state = 'installed'
       WHERE gone.token_id = $1 AND gone.id = ANY($2) ORDER BY other.token_id, other.id FOR UPDATE OF other
     )
     UPDATE installation i SET observed_state = 'removed', observed_at = there.observed_at FROM there
     WHERE i.token_id = there.token_id AND i.id = there.id`,
    [tokenId, goneIds],
  );
}

/** Those that wait for their user's licence have nothing left to use the former user's for. */
async function partFromFormer(tx: EntityManager, tokenId: string, goneIds: readonly string[]): Promise<string[]> {
  const parted = await rows<{ licenseId: string }>(
    tx,
    `WITH waiting AS (
       SELECT other.token_id, other.id, other.former_license_id
       FROM installation gone
       JOIN installation other ON other.device_id = gone.device_id AND other.token_id = gone.token_id
        AND other.store_app_id = gone.store_app_id AND other.former_license_id IS NOT NULL
       WHERE gone.token_id = $1 AND gone.id = ANY($2) ORDER BY other.token_id, other.id FOR UPDATE OF other
     )
     UPDATE installation i SET former_license_id = NULL FROM waiting
     WHERE i.token_id = waiting.token_id AND i.id = waiting.id RETURNING waiting.former_license_id AS "licenseId"`,
    [tokenId, goneIds],
  );
  return parted.map(({ licenseId }) => licenseId);
}

function nextState(installation: Gone, mirrored: boolean): S {
  if (installation.want === InstallationWant.PRESENT) return installAgain({ ...installation, mirrored });
  return mirrored || installation.licenseId !== null ? S.RETURNING : S.REMOVED;
}

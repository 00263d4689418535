import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import { LicenseCause } from "../../entities/license.js";
import { AppError } from "../../errors.js";
import { type LicenseUse, reclaimFacts } from "../../queries/reclaim-facts.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { groupBy } from "../group-by.js";
import { addJob } from "../jobs.js";
import { returnLicenses } from "../licenses/return-licenses.js";
import { endInstallations } from "./end-installations.js";
import { judgeReclaim, type ReclaimJudgement } from "./judge-reclaim.js";
import { lockInstallations } from "./lock-installations.js";
import { moveInstallations } from "./move-installations.js";

export interface Reclaim {
  /** Distinct; at most 1,000, of any tokens. */
  readonly licenses: readonly TokenScopedKey[];
  /** Only says what would come of it. */
  readonly dryRun: boolean;
  /** Take them from under installations that still want them, too. */
  readonly evenIfWanted: boolean;
  readonly actor: string;
}

/**
 * Takes licences back, licence by licence as `judgeReclaim` says, all of one call in one transaction. Installations that
 * used one go on: those that have left, or are being removed, end with it; one that still wants its app fails, and claims
 * nothing more by itself. On the device the app stops working within 30 days.
 * @throws AppError NOT_FOUND; CONFLICT when an installation has moved meanwhile.
 */
export async function reclaimLicenses(tx: EntityManager, core: Core, reclaim: Reclaim): Promise<ReclaimJudgement[]> {
  if (!reclaim.dryRun) await lockUses(tx, reclaim.licenses);
  const facts = await reclaimFacts(tx, reclaim.licenses);
  if (facts.length < reclaim.licenses.length) {
    throw new AppError("NOT_FOUND", "One of these licences does not exist. Use ids that `licenses` returned.");
  }
  const judged = facts.map((license) => judgeReclaim(license, reclaim));
  if (reclaim.dryRun) return judged;
  const taken = judged.filter(({ outcome }) => outcome === "RETURNED");
  for (const [tokenId, licenses] of groupBy(taken, (judgement) => judgement.facts.tokenId)) {
    await takeBack(tx, core, tokenId, licenses, reclaim.actor);
  }
  return judged;
}

/** Installations before licences, as everybody locks them: nobody joins a licence from here on. */
async function lockUses(tx: EntityManager, licenses: readonly TokenScopedKey[]): Promise<void> {
  const keys = [licenses.map(({ tokenId }) => tokenId), licenses.map(({ id }) => id)];
  const uses = await rows<{ tokenId: string; id: string }>(
    tx,
    `SELECT i.token_id AS "tokenId", i.id FROM unnest($1::uuid[], $2::bigint[]) AS named(token_id, id)
     JOIN installation i ON i.token_id = named.token_id AND (i.license_id = named.id OR i.former_license_id = named.id)`,
    keys,
  );
  await lockInstallations(tx, uses);
  await tx.query(
    `SELECT 1 FROM license WHERE (token_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))
     ORDER BY token_id, id FOR UPDATE`,
    keys,
  );
}

async function takeBack(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  licenses: readonly ReclaimJudgement[],
  actor: string,
): Promise<void> {
  const ids = licenses.map(({ facts }) => facts.id);
  const returning = await returnLicenses(tx, core, tokenId, ids, actor, LicenseCause.MANUAL);
  if (returning.size < ids.length) throw movedMeanwhile();
  const uses = licenses.flatMap(({ facts }) => facts.uses.filter(({ parting }) => !parting));
  const wanting = uses.filter(
    ({ left, want, state }) => !left && want === InstallationWant.PRESENT && state !== S.RETURNING,
  );
  await failWanting(tx, core, tokenId, wanting);
  const ending = uses.filter((use) => !wanting.includes(use)).map(({ id }) => id);
  await endInstallations(tx, core, {
    which: "i.token_id = $1 AND i.id = ANY($2)",
    onLeave: "'RECLAIM'",
    parameters: [tokenId, ending],
    leaves: false,
  });
  await addJob(tx, "advance-installations", { tokenId });
}

/**
 * They are told of nothing any more: a late "installed" would claim another licence. Also where one had failed before, its state
 * begins now, since the app ends so long after that.
 */
async function failWanting(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  wanting: readonly LicenseUse[],
): Promise<void> {
  const moves = wanting.map(({ id, generation, state }) => ({
    tokenId,
    id,
    generation,
    from: state,
    to: S.FAILED,
    reason: R.RECLAIMED,
    remedy: "Retry the installation to ask for a licence again.",
    licenseId: null,
    anew: true,
  }));
  const moved = await moveInstallations(tx, core, moves);
  if (moved.size < moves.length) throw movedMeanwhile();
  await tx.query(
    `UPDATE installation SET handle = NULL, next_look_at = NULL, deadline_at = NULL, state_at = $3
     WHERE token_id = $1 AND id = ANY($2)`,
    [tokenId, wanting.map(({ id }) => id), core.clock.now()],
  );
}

function movedMeanwhile(): AppError {
  return new AppError("CONFLICT", "An installation that uses one of these licences has just moved. Ask again.");
}

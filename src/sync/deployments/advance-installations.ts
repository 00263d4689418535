import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import { LicenseState } from "../../entities/license.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { inTransaction } from "../in-transaction.js";
import { addJob, type Jobs } from "../jobs.js";
import { NOT_ENOUGH_LICENSES } from "../licenses/operation-rules.js";
import { GONE_SQL } from "./ending-sql.js";
import { heldByOtherSql } from "./former-license-sql.js";
import { keptInstallations } from "./kept-installations.js";
import { lockWishes } from "./lock-wishes.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { passOnLicenses } from "./pass-on-licenses.js";
import { releaseFormer } from "./release-former.js";
import { releaseLicenses } from "./release-licenses.js";
import { wakeOtherTokens } from "./wake-other-tokens.js";

const BATCH = 5_000;

/** An installation whose licence has come, gone or been refused while it was waiting for that, or using it. */
interface Advancing {
  readonly id: string;
  readonly state: S;
  readonly generation: number;
  /** Above 1, the target was told before: the app may be on the device. */
  readonly attempt: number;
  readonly want: InstallationWant;
  /** Its member belongs to the collection no more; the app was left alone. */
  readonly left: boolean;
  /** With its device. */
  readonly gone: boolean;
  readonly targetId: string;
  readonly storeAppId: string;
  readonly licenseId: string;
  /** Of the device's former user, by which the app goes on under KEEP: its member has left while another was claimed. */
  readonly keptLicenseId: string | null;
  readonly licenseState: LicenseState;
  /** Of somebody who is not the device's user any more. */
  readonly heldByOther: boolean;
  /** An admin gave up what was asked of Apple for it. */
  readonly abandoned: boolean;
  readonly errorNumber: number | null;
  readonly detail: string | null;
  readonly remedy: string | null;
}

/** Who waits for a licence to come or go, as an index shows them; asked without an order, a page costs a page. */
const AWAITED_SQL = `
  i.state IN ('CLAIMING', 'RETURNING')
  AND (i.state = 'CLAIMING' AND license.state <> 'CLAIMING' OR license.ended_at IS NOT NULL
       OR license.state = 'HELD' AND license.abandoned_at IS NOT NULL)`;

/** Whoever else has lost the licence it uses. */
const LOST_SQL = "i.state NOT IN ('CLAIMING', 'RETURNING') AND license.ended_at IS NOT NULL";

/** Moves the installations of a token whose licence has changed, until none is left. */
export async function advanceInstallations(core: Core, { tokenId }: Jobs["advance-installations"]): Promise<void> {
  for (const whose of [AWAITED_SQL, LOST_SQL]) {
    while (await advanceBatch(core, tokenId, whose)) {
      // Until no installation's licence has changed.
    }
  }
  await releaseFormer(core, tokenId);
}

async function advanceBatch(core: Core, tokenId: string, whose: string): Promise<boolean> {
  return inTransaction(core, async (tx) => {
    const batch = await rows<Advancing>(
      tx,
      `SELECT i.id, i.state, i.generation, i.attempt, i.want, i.left_at IS NOT NULL AS left, ${GONE_SQL} AS gone, i.target_id AS "targetId",
              i.store_app_id AS "storeAppId", license.id AS "licenseId",
              CASE WHEN i.state = 'CLAIMING' AND i.left_at IS NOT NULL AND deployment.on_leave = 'KEEP' AND NOT ${GONE_SQL}
                   THEN i.former_license_id END AS "keptLicenseId",
              license.state AS "licenseState", ${heldByOtherSql("i.user_id")} AS "heldByOther", license.abandoned_at IS NOT NULL OR op.state = 'ABANDONED' AS abandoned,
              holder.error_number AS "errorNumber", holder.detail, holder.remedy
       FROM installation i
       JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
       LEFT JOIN device ON device.id = i.device_id
       JOIN license ON license.token_id = i.token_id AND license.id = i.license_id
       LEFT JOIN apple_operation_holder holder
              ON holder.token_id = license.token_id AND holder.operation_id = license.end_operation_id
             AND holder.holder_kind = license.holder_kind AND holder.holder_key = license.holder_key
       LEFT JOIN apple_operation op ON op.token_id = license.token_id AND op.id = license.end_operation_id
       WHERE i.token_id = $1 AND ${whose} LIMIT ${BATCH}`,
      [tokenId],
    );
    if (batch.length === 0) return false;
    const kept = await keptClaims(tx, tokenId, batch);
    const moves = batch.map((installation) => advance(tokenId, installation, kept.has(installation.id)));
    const moved = await moveInstallations(tx, core, moves);
    await keepAsLeft(tx, tokenId, batch);
    await passOnClaimed(
      tx,
      tokenId,
      batch.filter(({ id }) => kept.has(id) && moved.has(id)),
    );
    const unwanted = batch.filter((one) => isClaimed(one) && (one.want === InstallationWant.ABSENT || one.heldByOther));
    await releaseLicenses(
      tx,
      core,
      tokenId,
      unwanted.map(({ licenseId }) => licenseId),
    );
    if (batch.some(({ licenseState }) => licenseState === LicenseState.ENDED)) await wakeOtherTokens(tx, tokenId);
    await addJob(tx, "license-installations", { tokenId });
    for (const targetId of groupBy(batch, ({ targetId }) => targetId).keys())
      await addJob(tx, "apply-steps", { targetId });
    return batch.length === BATCH && moved.size > 0;
  });
}

/** Those whose claim is not wanted any more, while an install of another deployment has the app on the device. */
async function keptClaims(
  tx: EntityManager,
  tokenId: string,
  batch: readonly Advancing[],
): Promise<ReadonlySet<string>> {
  const unwanted = batch.filter(({ state, want }) => state === S.CLAIMING && want === InstallationWant.ABSENT);
  await lockWishes(
    tx,
    unwanted.map(({ storeAppId }) => ({ tokenId, id: storeAppId })),
  );
  return keptInstallations(
    tx,
    unwanted.map(({ id }) => ({ tokenId, id })),
  );
}

/** An app that may be on the device stays there by the licence that has come. */
async function passOnClaimed(tx: EntityManager, tokenId: string, kept: readonly Advancing[]): Promise<void> {
  const claimed = kept.filter((one) => isClaimed(one) && !one.heldByOther && mayBeThere(one));
  const licenseIds = claimed.map(({ licenseId }) => licenseId);
  await passOnLicenses(tx, tokenId, { ids: claimed.map(({ id }) => id), licenseIds });
}

/** The target was told of the app before, and has the device that it was told of. */
function mayBeThere({ attempt, gone }: Advancing): boolean {
  return attempt > 1 && !gone;
}

/** The licence has come, by Apple's word. */
function isClaimed({ licenseState, abandoned }: Advancing): boolean {
  return licenseState === LicenseState.HELD && !abandoned;
}

/** What goes on by its former licence is as it would be, had nothing been claimed for it. */
async function keepAsLeft(tx: EntityManager, tokenId: string, batch: readonly Advancing[]): Promise<void> {
  const kept = batch.filter(({ keptLicenseId }) => keptLicenseId !== null).map(({ id }) => id);
  if (kept.length === 0) return;
  await tx.query(
    "UPDATE installation SET want = 'PRESENT' WHERE token_id = $1 AND id = ANY($2) AND state = 'INSTALLED'",
    [tokenId, kept],
  );
}

function advance(tokenId: string, installation: Advancing, isKept: boolean): Move {
  const move = { tokenId, id: installation.id, from: installation.state, generation: installation.generation };
  const wanted = installation.want === InstallationWant.PRESENT;
  if (!wanted && installation.keptLicenseId !== null)
    return { ...move, to: S.INSTALLED, licenseId: installation.keptLicenseId };
  if (isKept) return { ...move, to: S.SUPERSEDED, reason: R.KEPT_BY_INSTALL, licenseId: null };
  if (installation.licenseState === LicenseState.HELD) {
    if (installation.abandoned) return { ...move, ...abandoned(installation, wanted), licenseId: null };
    if (wanted && installation.heldByOther) return { ...move, to: S.REQUESTED, licenseId: null };
    return { ...move, to: held(installation, wanted) };
  }
  if (!wanted && installation.state === S.CLAIMING) return { ...move, to: unwanted(installation), licenseId: null };
  if (installation.licenseState === LicenseState.RETURNING) return { ...move, to: S.REQUESTED, licenseId: null };
  if (installation.heldByOther && installation.state === S.CLAIMING)
    return { ...move, to: S.REQUESTED, licenseId: null };
  if (installation.licenseState === LicenseState.REFUSED) return { ...move, ...refused(installation), licenseId: null };
  return { ...move, ...ended(installation, wanted), licenseId: null };
}

/** The claim has come through; if it is no longer wanted, what may be on the device is removed first. */
function held(installation: Advancing, wanted: boolean): S {
  if (wanted) return S.LICENSED;
  return mayBeThere(installation) ? S.REMOVING : S.RETURNING;
}

/** Nobody knows whether Apple has done what was asked: its licence stays apart, among the leaked ones. */
function abandoned(installation: Advancing, wanted: boolean): Pick<Move, "to" | "reason" | "remedy"> {
  if (installation.state === S.RETURNING) {
    return wanted ? { to: S.REQUESTED } : { to: S.REMOVED, reason: R.OPERATION_ABANDONED };
  }
  if (!wanted) return { to: unwanted(installation) };
  return { to: S.FAILED, reason: R.OPERATION_ABANDONED, remedy: "Retry the installation if the app is still wanted." };
}

/** No licence has come of the claim, and none is needed any more; what may be on the device is removed. */
function unwanted(installation: Advancing): S {
  return mayBeThere(installation) ? S.REMOVING : S.CANCELLED;
}

/** Apple refused the claim: for want of stock it waits, for anything else a person has to act. */
function refused(installation: Advancing): Pick<Move, "to" | "reason" | "detail" | "remedy"> {
  if (installation.errorNumber === NOT_ENOUGH_LICENSES) return { to: S.WAITING_FOR_LICENSE, reason: R.OUT_OF_STOCK };
  return {
    to: S.FAILED,
    reason: installation.abandoned ? R.OPERATION_ABANDONED : R.REFUSED_BY_APPLE,
    ...(installation.detail === null ? {} : { detail: installation.detail }),
    ...(installation.remedy === null ? {} : { remedy: installation.remedy }),
  };
}

/** The licence is back at Apple: as was awaited, or taken by somebody else from an app that is still wanted. */
function ended(installation: Advancing, wanted: boolean): Pick<Move, "to" | "reason" | "anew"> {
  if (installation.state === S.RETURNING) return { to: wanted ? S.REQUESTED : S.REMOVED };
  if (installation.state === S.REMOVING || installation.state === S.REMOVAL_FAILED) return { to: installation.state };
  if (installation.left) return { to: S.REMOVED, reason: R.LICENSE_LOST };
  if (installation.state === S.FAILED) return { to: S.FAILED, reason: R.LICENSE_LOST };
  return { to: S.REQUESTED, reason: R.LICENSE_LOST, anew: true };
}

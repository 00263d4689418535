import type { EntityManager } from "typeorm";
import { apnsFinding } from "../../entities/apns-finding.js";
import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import type { Target } from "../../entities/target.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { inTransaction } from "../in-transaction.js";
import { addJob } from "../jobs.js";
import { installAgain } from "./install-again.js";
import { keptInstallations } from "./kept-installations.js";
import { lockInstallations } from "./lock-installations.js";
import { lockWishes } from "./lock-wishes.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { passBackLicenses } from "./pass-back-licenses.js";
import { passOnLicenses } from "./pass-on-licenses.js";
import { releaseLicenses } from "./release-licenses.js";
import { resumeRemovals } from "./resume-removals.js";
import { DEADLINES_MS, RETRIED_REMOVAL_MS } from "./transitions.js";

const BATCH = 1_000;

interface Found {
  tokenId: string;
  id: string;
  generation: number;
  state: S;
  want: InstallationWant;
  targetId: string;
  storeAppId: string;
  /** The product claims licences itself. */
  mirrored: boolean;
  target: Pick<Target, "name" | "apnsState"> & { apnsExpiresAt: string | null };
}

/** One that is locked, and so are the wishes for its app. */
interface Overdue extends Found {
  licenseId: string | null;
  /** Its member, or its deployment, is gone. */
  left: boolean;
  /** Its app was seen on the device, and not seen to be gone since. */
  there: boolean;
  /** Another deployment has the app on the device. */
  kept: boolean;
}

/** The other branch of each wait whose deadline has passed (rule 10); a token that may not write has none (rule 7). */
export async function expireWaits(core: Core): Promise<void> {
  for (;;) {
    const overdue = await rows<Found>(
      core.dataSource,
      `SELECT i.token_id AS "tokenId", i.id, i.generation, i.state, i.want, i.target_id AS "targetId",
              i.store_app_id AS "storeAppId", token.authority = 'TARGET' AS mirrored,
              json_build_object('name', target.name, 'apnsState', target.apns_state,
                                'apnsExpiresAt', target.apns_expires_at) AS target
       FROM installation i JOIN token ON token.id = i.token_id JOIN target ON target.id = i.target_id
       WHERE i.deadline_at <= $1 AND (token.authority = 'TARGET' OR token.health_state IN ('ACTIVE', 'EXPIRING'))
       ORDER BY i.deadline_at LIMIT ${BATCH}`,
      [core.clock.now()],
    );
    for (const [tokenId, installations] of groupBy(overdue, (installation) => installation.tokenId)) {
      const waiting = installations.filter(({ state }) => state in DEADLINES_MS);
      if (waiting.length > 0) await expire(core, tokenId, waiting);
      const stray = installations.filter(({ state }) => !(state in DEADLINES_MS));
      if (stray.length > 0) await forgetDeadlines(core, tokenId, stray);
    }
    if (overdue.length < BATCH) return;
  }
}

/** A state that may last has no deadline: what has one all the same is a defect of ours, and holds up nobody else. */
async function forgetDeadlines(core: Core, tokenId: string, found: readonly Found[]): Promise<void> {
  for (const { id, state } of found) core.log.error({ tokenId, id, state }, "An installation has a deadline in vain");
  await core.dataSource.query(
    `UPDATE installation i SET deadline_at = NULL
     FROM (SELECT id FROM installation WHERE token_id = $1 AND id = ANY($2) AND state <> ALL($3) ORDER BY id FOR UPDATE) stray
     WHERE i.token_id = $1 AND i.id = stray.id`,
    [tokenId, found.map(({ id }) => id), Object.keys(DEADLINES_MS)],
  );
}

async function expire(core: Core, tokenId: string, found: readonly Found[]): Promise<void> {
  await inTransaction(core, async (tx) => {
    const overdue = await lockOverdue(tx, tokenId, found);
    const failed = overdue.filter((one) => hasFailed(one));
    const others = overdue.filter((one) => !hasFailed(one));
    const moves = others.map((installation) => otherBranch(installation, core.clock.now()));
    const moved = await moveInstallations(tx, core, moves);
    const left = others.filter(({ id, state, kept }) => moved.has(id) && state === S.REMOVAL_FAILED && kept);
    const using = left.filter(({ want, licenseId }) => want === InstallationWant.ABSENT && licenseId !== null);
    await passOnLicenses(tx, tokenId, { ids: using.map(({ id }) => id), licenseIds: licensesOf(using) });
    await releaseLicenses(tx, core, tokenId, licensesOf(left));
    const passedTo = await giveUp(tx, core, tokenId, failed);
    if (moves.some(({ to }) => to === S.REQUESTED)) await addJob(tx, "license-installations", { tokenId });
    for (const targetId of new Set([...overdue.map((installation) => installation.targetId), ...passedTo])) {
      await addJob(tx, "apply-steps", { targetId });
    }
    // An alert tells whose removal holds up what is to be ended at the product.
    for (const targetId of new Set(others.filter(({ mirrored }) => mirrored).map((one) => one.targetId))) {
      await addJob(tx, "release-orders", { targetId });
    }
  });
}

/** For good, but where an earlier install has brought the app, which is there by this licence. */
function hasFailed({ state, licenseId, there }: Overdue): boolean {
  return state === S.FAILED && !(there && licenseId !== null);
}

/** Of those whose next state hangs on the wishes of other deployments, these are locked, too. */
async function lockOverdue(tx: EntityManager, tokenId: string, found: readonly Found[]): Promise<Overdue[]> {
  const wished = found.filter(({ state }) => state === S.FAILED || state === S.REMOVAL_FAILED);
  await lockWishes(
    tx,
    wished.map(({ storeAppId }) => ({ tokenId, id: storeAppId })),
  );
  const locked = await lockInstallations(tx, found);
  const kept = await keptInstallations(tx, wished);
  return found.map((one) => ({
    ...one,
    licenseId: locked.get(one.id)?.licenseId ?? null,
    left: locked.get(one.id)?.left ?? false,
    there: locked.get(one.id)?.observedState === "installed",
    kept: kept.has(one.id),
  }));
}

/**
 * Of what has failed, and is locked, nothing more is expected: its licence goes to a removal that was put off for it, or
 * returns, and why it failed stays to be read.
 * @returns the targets of those removals.
 */
async function giveUp(tx: EntityManager, core: Core, tokenId: string, failed: readonly Overdue[]): Promise<string[]> {
  const over = await rows<{ id: string }>(
    tx,
    `UPDATE installation i SET license_id = NULL, deadline_at = NULL, next_look_at = NULL, verify_at = NULL
     FROM unnest($2::bigint[], $3::int[]) AS failed(id, generation)
     WHERE i.token_id = $1 AND i.id = failed.id AND i.generation = failed.generation AND i.state = '${S.FAILED}'
     RETURNING i.id`,
    [tokenId, failed.map(({ id }) => id), failed.map(({ generation }) => generation)],
  );
  const ids = new Set(over.map(({ id }) => id));
  const givenUp = failed.filter(({ id }) => ids.has(id));
  const licensed = givenUp.filter(({ licenseId }) => licenseId !== null);
  const passedBack = { ids: licensed.map(({ id }) => id), licenseIds: licensesOf(licensed) };
  const passedTo = await passBackLicenses(tx, core, tokenId, passedBack);
  for (const id of new Set(givenUp.map(({ storeAppId }) => storeAppId)))
    await resumeRemovals(tx, core, { tokenId, id });
  const returning = await releaseLicenses(tx, core, tokenId, licensesOf(givenUp));
  const returned = givenUp.filter(({ licenseId }) => licenseId !== null && returning.has(licenseId));
  await tx.query(
    "UPDATE installation SET detail = concat_ws(' ', detail, 'Its licence was returned.') WHERE token_id = $1 AND id = ANY($2)",
    [tokenId, returned.map(({ id }) => id)],
  );
  return passedTo;
}

function licensesOf(installations: readonly Overdue[]): string[] {
  return installations.flatMap(({ licenseId }) => licenseId ?? []);
}

function otherBranch(installation: Overdue, now: Date): Move {
  const { tokenId, id, generation, state } = installation;
  const move = { tokenId, id, generation, from: state };
  const wanted = installation.want === InstallationWant.PRESENT;
  const { detail, remedy } = silence(installation.target, now);
  switch (state) {
    case S.LICENSED:
    case S.INSTALLING:
      return {
        ...move,
        to: S.FAILED,
        reason: R.TIMED_OUT,
        detail,
        remedy: remedy ?? "Check the device, then retry the installation.",
      };
    case S.FAILED:
      return { ...move, to: installation.left ? S.INSTALLED : S.LICENSED };
    case S.REMOVING:
      if (wanted) return { ...move, to: installAgain(installation) };
      return {
        ...move,
        to: S.REMOVAL_FAILED,
        deadlineMs: RETRIED_REMOVAL_MS,
        reason: R.TIMED_OUT,
        detail,
        remedy: remedy ?? "It is tried again daily.",
      };
    case S.REMOVAL_FAILED:
      if (wanted) return { ...move, to: installAgain(installation) };
      if (!installation.kept) return { ...move, to: S.REMOVING, deadlineMs: RETRIED_REMOVAL_MS };
      return { ...move, to: S.SUPERSEDED, reason: R.KEPT_BY_INSTALL, licenseId: null };
    default:
      throw new Error(`Installation ${id} has a deadline in ${state}`);
  }
}

/** Why a target may have said nothing. */
function silence(
  { apnsExpiresAt, ...target }: Overdue["target"],
  now: Date,
): { detail: string; remedy?: string | null } {
  const detail = "The target has not reported the outcome in time.";
  const finding = apnsFinding(
    { ...target, apnsExpiresAt: apnsExpiresAt === null ? null : new Date(apnsExpiresAt) },
    now,
  );
  if (finding?.severity !== "error") return { detail };
  return { detail: `${detail} ${finding.message}`, remedy: finding.remedy ?? null };
}

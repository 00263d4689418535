import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import type { Statuses, StepStatus } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { afterRemoval } from "./after-removal.js";
import { installAgain } from "./install-again.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { planFollowUps } from "./plan-follow-ups.js";
import { seenInstalled } from "./seen-installed.js";
import { REMOVAL_STATES } from "./transitions.js";

/** An installation and what its target says of its present step. */
interface Reported {
  readonly tokenId: string;
  readonly id: string;
  readonly generation: number;
  readonly state: S;
  readonly want: InstallationWant;
  /** Its member, or its deployment, is gone. */
  readonly left: boolean;
  readonly licenseId: string | null;
  readonly mirrored: boolean;
  readonly observedState: string | null;
  readonly position: number;
}

/** What was seen on a device, and when. */
type Fact = NonNullable<Move["observed"]>;

/** One that the status moves nowhere, and what it tells of the device. */
interface Observed extends Reported {
  readonly fact: Fact;
}

/**
 * Writes what a target says: what it saw on the devices, as facts, if newer than what was known; and, where the handle is
 * that of the present step, the move this makes. A handle of an older step finds nothing here, and so moves nothing.
 */
export async function applyStatuses(tx: EntityManager, core: Core, targetId: string, found: Statuses): Promise<void> {
  const statuses = latestFirst(found.statuses);
  await lockReported(tx, targetId, found);
  const removed: Reported[] = [];
  const staying: Observed[] = [];
  const moves: Move[] = [];
  const news = new Set<string>();
  for (const installation of await readReported(tx, targetId, statuses)) {
    const status = statuses[installation.position];
    if (!status) continue;
    const fact = factOf(installation, status);
    if (fact && fact.state !== installation.observedState) news.add(keyOf(status));
    const isRemoved = REMOVAL_STATES.includes(installation.state) && status.state === "removed";
    const [move] = isRemoved ? [] : moveAfter(installation, status);
    if (isRemoved) removed.push(installation);
    if (move) moves.push({ ...move, ...(fact ? { observed: fact } : {}) });
    else if (fact) staying.push({ ...installation, fact });
  }
  await noteFacts(tx, staying);
  await moveInstallations(tx, core, moves);
  await afterRemoval(tx, core, removed);
  await planFollowUps(
    tx,
    core,
    targetId,
    found.followUps.map((look) => ({ ...look, isNews: news.has(keyOf(look)) })),
  );
  if (removed.length > 0) await addJob(tx, "release-orders", { targetId });
  if (moves.length + removed.length + found.followUps.length > 0) await addJob(tx, "apply-steps", { targetId });
  for (const tokenId of new Set(moves.filter((move) => move.to === S.REQUESTED).map((move) => move.tokenId))) {
    await addJob(tx, "license-installations", { tokenId });
  }
}

/** One status a handle and device: the one that was seen last. */
function latestFirst(statuses: readonly StepStatus[]): StepStatus[] {
  const latest = new Map<string, StepStatus>();
  for (const status of statuses) {
    const known = latest.get(keyOf(status));
    if (!known || known.observedAt <= status.observedAt) latest.set(keyOf(status), status);
  }
  return [...latest.values()];
}

function keyOf({ handle, device }: Pick<StepStatus, "handle" | "device">): string {
  return `${handle}\u0000${device}`;
}

/** In the order in which everybody locks them (`lockInstallations`). */
async function lockReported(tx: EntityManager, targetId: string, found: Statuses): Promise<void> {
  await tx.query(
    `SELECT 1 FROM installation WHERE target_id = $1 AND handle = ANY($2) ORDER BY token_id, id FOR UPDATE`,
    [targetId, [...found.statuses, ...found.followUps].map(({ handle }) => handle)],
  );
}

/** The installations that a status is news of. */
function readReported(tx: EntityManager, targetId: string, statuses: readonly StepStatus[]): Promise<Reported[]> {
  return rows<Reported>(
    tx,
    `SELECT i.token_id AS "tokenId", i.id, i.generation, i.state, i.want, i.left_at IS NOT NULL AS left,
            i.license_id AS "licenseId", token.authority = 'TARGET' AS mirrored, i.observed_state AS "observedState", (status.position - 1)::int AS position
     FROM unnest($2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS status(handle, device, seen, position)
     JOIN holder_alias alias ON alias.target_id = $1 AND alias.external_id = status.device AND alias.device_id IS NOT NULL
     JOIN installation i ON i.target_id = $1 AND i.handle = status.handle AND i.device_id = alias.device_id
     JOIN token ON token.id = i.token_id
     WHERE i.observed_at IS NULL OR i.observed_at <= status.seen`,
    [
      targetId,
      statuses.map((status) => status.handle),
      statuses.map((status) => status.device),
      statuses.map((status) => status.observedAt),
    ],
  );
}

/** An app that was seen on the device is there until it was seen to be gone: that a Step waits or fails says nothing of that. */
function factOf({ observedState }: Reported, { state, observedAt }: StepStatus): Fact | null {
  if (observedState === "installed" && state !== "installed" && state !== "removed") return null;
  return { state, at: observedAt };
}

/** What was seen is noted also where it moves nothing; who moves takes it along. */
async function noteFacts(tx: EntityManager, seen: readonly Observed[]): Promise<void> {
  if (seen.length === 0) return;
  await tx.query(
    `UPDATE installation i SET observed_state = fact.state, observed_at = fact.seen
     FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[]) AS fact(token_id, id, state, seen)
     WHERE i.token_id = fact.token_id AND i.id = fact.id`,
    [
      seen.map(({ tokenId }) => tokenId),
      seen.map(({ id }) => id),
      seen.map(({ fact }) => fact.state),
      seen.map(({ fact }) => fact.at),
    ],
  );
}

/** The move that a status of the present step makes; none for what is no news. */
function moveAfter(installation: Reported, status: StepStatus): Move[] {
  const move = {
    tokenId: installation.tokenId,
    id: installation.id,
    generation: installation.generation,
    from: installation.state,
  };
  if (status.state === "installed" && (installation.state === S.INSTALLING || installation.state === S.FAILED)) {
    const next = seenInstalled(installation);
    return next ? [{ ...move, ...next }] : [];
  }
  if (status.state === "failed" && installation.state === S.INSTALLING)
    return [{ ...move, to: S.FAILED, ...why(status) }];
  if (status.state === "failed" && installation.state === S.REMOVING) {
    const wanted = installation.want === InstallationWant.PRESENT;
    return [{ ...move, to: wanted ? installAgain(installation) : S.REMOVAL_FAILED, ...why(status) }];
  }
  if (status.state === "needs-user" && (installation.state === S.INSTALLING || installation.state === S.REMOVING)) {
    return [{ ...move, to: installation.state, ...toDo(status), reason: R.NEEDS_USER }];
  }
  return [];
}

/** Nothing has failed yet, so what there is to do is told without a code. */
function toDo({ failure }: StepStatus): Pick<Move, "detail" | "remedy"> {
  if (!failure) return {};
  return { detail: failure.detail, ...(failure.remedy === undefined ? {} : { remedy: failure.remedy }) };
}

function why(status: StepStatus): Pick<Move, "reason" | "detail" | "remedy"> {
  if (!status.failure) return { reason: R.REFUSED_BY_TARGET };
  return {
    reason: R.REFUSED_BY_TARGET,
    detail: `${status.failure.code}: ${status.failure.detail}`,
    ...(status.failure.remedy === undefined ? {} : { remedy: status.failure.remedy }),
  };
}

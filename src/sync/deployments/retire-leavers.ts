import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import { LicenseState } from "../../entities/license.js";
import { Token, TokenAuthority, WRITABLE_HEALTH } from "../../entities/token.js";
import { type Reader, rows } from "../../queries/sql.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { retireUsers } from "../licenses/retire-users.js";
import { returnLicenses } from "../licenses/return-licenses.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { USING_STATES } from "./transitions.js";

/** Who returns licences and ends registrations of people who have left. */
const ACTOR = "departure";

const DAY = 24 * 60 * 60_000;

/** How long somebody must have been gone: a week outlasts a move between targets and most mistakes. */
const GRACE_MS = 7 * DAY;

/** How long a registration is left alone that Apple did not retire. */
const RETRY_MS = DAY;

const BATCH = 1_000;

/**
 * Registrations (alias `au`) of people who left before $1 that Apple has not refused to retire since $2. Who still has
 * a managed device that uses their licence keeps it, and so does one that has gone to somebody who has none yet: nothing is
 * taken from under an app in use. Nor is a registration ended,
 * which would free all it holds, while an admin's gift or protection keeps a licence with it. Each OFFSET 0 keeps the
 * planner from starting elsewhere than at the few who have left.
 */
const DUE_SQL = `
  FROM (SELECT id FROM "user" WHERE left_at <= $1 OFFSET 0) person
  CROSS JOIN LATERAL (SELECT * FROM apple_user WHERE user_id = person.id OFFSET 0) au
  JOIN token ON token.id = au.token_id
  WHERE au.status IN ('REGISTERED', 'ASSOCIATED') AND au.operation_id IS NULL
    AND (au.proven_at IS NULL OR au.proven_at <= $2)
    AND token.authority = 'SERVICE' AND token.health_state IN ('ACTIVE', 'EXPIRING') AND token.removing_at IS NULL
    AND NOT EXISTS (
      SELECT FROM license WHERE license.token_id = au.token_id AND license.apple_user_id = au.id
        AND license.ended_at IS NULL AND (license.never_reclaim OR license.given_at IS NOT NULL) OFFSET 0)
    AND NOT EXISTS (
      SELECT FROM license JOIN installation i ON i.token_id = license.token_id AND i.license_id = license.id
      JOIN device ON device.id = i.device_id
      WHERE license.token_id = au.token_id AND license.apple_user_id = au.id AND license.ended_at IS NULL
        AND device.state = 'ENROLLED' AND device.user_id = au.user_id OFFSET 0)
    AND NOT EXISTS (
      SELECT FROM license JOIN installation i ON i.token_id = license.token_id AND i.former_license_id = license.id
      JOIN device ON device.id = i.device_id
      WHERE license.token_id = au.token_id AND license.apple_user_id = au.id AND license.ended_at IS NULL
        AND device.state = 'ENROLLED' OFFSET 0)`;

function dueParameters({ clock }: Core): Date[] {
  const ago = (durationMs: number) => new Date(clock.now().getTime() - clock.scaled(durationMs));
  return [ago(GRACE_MS), ago(RETRY_MS)];
}

/** The tokens with registrations that are due to be retired. */
export async function tokensOfLeavers(db: Reader, core: Core): Promise<string[]> {
  const tokens = await rows<{ id: string }>(db, `SELECT DISTINCT au.token_id AS id ${DUE_SQL}`, dueParameters(core));
  return tokens.map(({ id }) => id);
}

/**
 * Ends the registrations of people who have left a week ago. What they hold goes back first, in the ordinary way, so that
 * the ledger says who took it; the registration follows once nothing is on its way any more. What cannot be taken back
 * stays with the retired registration. Who comes back later is registered anew.
 */
export async function retireLeavers(core: Core, { tokenId }: Jobs["retire-leavers"]): Promise<void> {
  const token = await core.dataSource.manager.findOneBy(Token, { id: tokenId });
  if (token?.authority !== TokenAuthority.SERVICE || !WRITABLE_HEALTH.includes(token.health.state)) return;
  const operationSize = await usersInRequest(core);
  if (operationSize === null) return;
  while (await retireBatch(core, tokenId, operationSize)) {
    // Until nobody is due.
  }
}

/** Null while Apple cannot be asked: the sweep comes by again. */
async function usersInRequest(core: Core): Promise<number | null> {
  try {
    return (await core.apple.serviceConfig()).limits.maxUsers;
  } catch (error) {
    if (error instanceof AppleError) return null;
    throw error;
  }
}

/** @returns whether there may be more. */
async function retireBatch(core: Core, tokenId: string, operationSize: number): Promise<boolean> {
  return core.dataSource.transaction(async (tx) => {
    const due = await rows<{ id: string }>(
      tx,
      `SELECT au.id ${DUE_SQL} AND au.token_id = $3
         AND NOT EXISTS (SELECT FROM license WHERE license.token_id = au.token_id AND license.apple_user_id = au.id
                                               AND license.operation_id IS NOT NULL)
       ORDER BY au.id LIMIT ${BATCH}`,
      [...dueParameters(core), tokenId],
    );
    const ids = due.map(({ id }) => id);
    await letGo(tx, core, tokenId, ids);
    const returning = await returnWhatTheyHold(tx, core, tokenId, ids);
    const ready = ids.filter((id) => !returning.has(id));
    await retireUsers(tx, core, tokenId, ready, ACTOR, operationSize);
    return ids.length === BATCH;
  });
}

/** Their devices are gone or somebody else's by now: no installation goes on with their licences. Locked: one may move on. */
async function letGo(tx: EntityManager, core: Core, tokenId: string, appleUserIds: readonly string[]): Promise<void> {
  const using = await rows<{
    id: string;
    state: S;
    generation: number;
    want: InstallationWant;
    collectionId: string | null;
  }>(
    tx,
    `SELECT i.id, i.state, i.generation, i.want, deployment.collection_id AS "collectionId"
     FROM license JOIN installation i ON i.token_id = license.token_id AND i.license_id = license.id
     JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
     WHERE license.token_id = $1 AND license.apple_user_id = ANY($2) AND license.ended_at IS NULL AND i.state = ANY($3)
     ORDER BY i.token_id, i.id FOR UPDATE OF i`,
    [tokenId, appleUserIds, USING_STATES],
  );
  const moves = using.map(
    ({ id, state, generation, want }): Move => ({
      tokenId,
      id,
      from: state,
      generation,
      to: stateWithout(state, want),
      reason: R.USER_LEFT,
      licenseId: null,
    }),
  );
  await moveInstallations(tx, core, moves);
  const collections = new Set(using.flatMap(({ collectionId }) => collectionId ?? []));
  for (const collectionId of [...collections].sort()) {
    await addJob(tx, "refresh-members", { collectionId });
  }
}

/** Where an installation is without the licence of somebody who has left; its collection may ask for it anew. */
function stateWithout(state: S, want: InstallationWant): S {
  const wanted = want === InstallationWant.PRESENT;
  if (state === S.CLAIMING) return wanted ? S.REQUESTED : S.CANCELLED;
  if (state === S.REMOVING) return wanted ? S.REQUESTED : S.REMOVED;
  return S.SUPERSEDED;
}

/** @returns the registrations that have something on its way back. */
async function returnWhatTheyHold(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  appleUserIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const held = await rows<{ id: string; appleUserId: string }>(
    tx,
    `SELECT id, apple_user_id AS "appleUserId" FROM license
     WHERE token_id = $1 AND apple_user_id = ANY($2) AND state = '${LicenseState.HELD}' ORDER BY id FOR UPDATE`,
    [tokenId, appleUserIds],
  );
  const returning = await returnLicenses(
    tx,
    core,
    tokenId,
    held.map(({ id }) => id),
    ACTOR,
  );
  return new Set(held.flatMap(({ id, appleUserId }) => (returning.has(id) ? [appleUserId] : [])));
}

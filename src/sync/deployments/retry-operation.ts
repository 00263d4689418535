import type { EntityManager } from "typeorm";
import { AppleOperation, AppleOperationIntent, AppleOperationState } from "../../entities/apple-operation.js";
import { InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import { Token } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { missing } from "../../queries/node-key.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { lookAgain } from "../licenses/look-again.js";
import { isOver, refuseSending } from "../licenses/require-open-operation.js";
import { retireUsers } from "../licenses/retire-users.js";
import { refuseFrozenToken, refuseRemovedToken } from "../tokens/refuse-frozen-token.js";
import { assignLicenses } from "./assign-licenses.js";
import { moveInstallations } from "./move-installations.js";

/** So many users one request to Apple takes at least; a larger one is split when it is sent. */
const OPERATION_SIZE = 1_000;

/** A holder of whom Apple has refused something, and whose it is. */
interface RefusedHolder {
  readonly licenseId: string | null;
  readonly appleUserId: string | null;
  readonly deviceId: string | null;
  readonly userId: string | null;
  /** An admin gave it the licence. */
  readonly given: boolean;
}

/**
 * Tries an operation again. One that is not over looks at Apple at once and sends what is not so (rule 2), with five attempts
 * ahead of it. One that is over stays as it is; what Apple has refused and is still wanted is asked for anew: by the
 * installations that failed for it, or in the admin's name where he gave the licence.
 * @returns for how many holders something was asked for anew; 0 for an operation that is not over.
 * @throws AppError NOT_FOUND; CONFLICT when it is being sent, was given up, or nothing refused is wanted any more; the
 * token's own code when it may not write; NO_LICENSE_AVAILABLE for what an admin gave.
 */
export async function retryOperation(
  tx: EntityManager,
  core: Core,
  key: TokenScopedKey,
  actor: string,
): Promise<number> {
  const operation = await tx.findOne(AppleOperation, { where: { ...key }, lock: { mode: "pessimistic_write" } });
  if (!operation) return missing(AppleOperation, key.id);
  const token = await tx.findOneByOrFail(Token, { id: key.tokenId });
  refuseRemovedToken(token);
  refuseFrozenToken(token);
  if (!isOver(operation)) {
    refuseSending(core, operation);
    await lookAgain(tx, core, operation);
    return 0;
  }
  const anew = await askAnew(tx, core, operation, actor);
  if (anew > 0) return anew;
  throw new AppError("CONFLICT", `The operation is over (${operation.state}), and ${whyNothing(operation)}`, {
    state: operation.state,
  });
}

function whyNothing({ state }: AppleOperation): string {
  if (state !== AppleOperationState.ABANDONED) return "nothing that Apple refused of it is wanted any more.";
  return "what was given up is not taken up again: retry its installations, or take leaked licences back with reclaimLicenses.";
}

async function askAnew(tx: EntityManager, core: Core, operation: AppleOperation, actor: string): Promise<number> {
  if (operation.state === AppleOperationState.ABANDONED) return 0;
  const refused = await refusedHolders(tx, operation);
  switch (operation.intent) {
    case AppleOperationIntent.ASSOCIATE: {
      const again = await requestAgain(tx, core, operation, refused, { state: S.FAILED, reason: R.REFUSED_BY_APPLE });
      return again + (await giveAgain(tx, core, operation, refused, actor));
    }
    case AppleOperationIntent.CREATE_USERS:
      return requestAgain(tx, core, operation, refused, {
        state: S.NOT_APPLICABLE,
        reason: R.REGISTRATION_REFUSED,
      });
    case AppleOperationIntent.RETIRE_USERS: {
      const ids = refused.flatMap(({ appleUserId }) => appleUserId ?? []);
      return retireUsers(tx, core, operation.tokenId, ids, actor, OPERATION_SIZE);
    }
    case AppleOperationIntent.DISASSOCIATE:
      return 0;
  }
}

function refusedHolders(tx: EntityManager, { tokenId, id }: AppleOperation): Promise<RefusedHolder[]> {
  return rows<RefusedHolder>(
    tx,
    `SELECT holder.license_id AS "licenseId", holder.apple_user_id AS "appleUserId", license.device_id AS "deviceId",
            registration.user_id AS "userId", license.given_at IS NOT NULL AS given
     FROM apple_operation_holder holder
     LEFT JOIN license ON license.token_id = holder.token_id AND license.id = holder.license_id
     LEFT JOIN apple_user registration ON registration.token_id = holder.token_id
           AND registration.id = COALESCE(holder.apple_user_id, license.apple_user_id)
     WHERE holder.token_id = $1 AND holder.operation_id = $2 AND holder.outcome = 'FAILED'`,
    [tokenId, id],
  );
}

/** The installations that Apple's refusal has ended, and that are still wanted, begin anew. @returns of how many holders. */
async function requestAgain(
  tx: EntityManager,
  core: Core,
  { tokenId, storeAppId }: AppleOperation,
  refused: readonly RefusedHolder[],
  failed: { readonly state: S; readonly reason: R },
): Promise<number> {
  const installations = await rows<{ id: string; generation: number; holder: string }>(
    tx,
    `SELECT i.id, i.generation, COALESCE(CASE deployment.licensing WHEN 'USER' THEN i.user_id END, i.device_id) AS holder
     FROM installation i
     JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
     WHERE i.token_id = $1 AND ($2::bigint IS NULL OR i.store_app_id = $2) AND i.state = $3 AND i.reason = $4
       AND i.want = 'PRESENT' AND i.left_at IS NULL AND i.license_id IS NULL AND i.device_id IS NOT NULL
       AND CASE deployment.licensing WHEN 'USER' THEN i.user_id = ANY($6) ELSE i.device_id = ANY($5) END
     ORDER BY i.id FOR UPDATE OF i`,
    [
      tokenId,
      storeAppId,
      failed.state,
      failed.reason,
      refused.flatMap(({ deviceId }) => deviceId ?? []),
      refused.flatMap(({ userId }) => userId ?? []),
    ],
  );
  const moves = installations.map(({ id, generation }) => ({
    tokenId,
    id,
    generation,
    from: failed.state,
    to: S.REQUESTED,
    anew: true,
  }));
  await moveInstallations(tx, core, moves);
  if (moves.length > 0) await addJob(tx, "license-installations", { tokenId });
  return new Set(installations.map(({ holder }) => holder)).size;
}

async function giveAgain(
  tx: EntityManager,
  core: Core,
  { tokenId, storeAppId }: AppleOperation,
  refused: readonly RefusedHolder[],
  actor: string,
): Promise<number> {
  const given = refused.filter((holder) => holder.given);
  if (storeAppId === null || given.length === 0) return 0;
  const { results } = await assignLicenses(tx, core, {
    storeApp: { tokenId, id: storeAppId },
    deviceIds: given.flatMap(({ deviceId }) => deviceId ?? []),
    userIds: given.flatMap(({ userId }) => userId ?? []),
    dryRun: false,
    actor,
  });
  return results.filter(({ outcome }) => outcome === "GIVEN").length;
}

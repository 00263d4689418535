import type { EntityManager } from "typeorm";
import { LicensesOnRemoval, Token, TokenAuthority } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { type TokenLoss, tokenLoss } from "../../queries/token-loss.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { refuseFrozenToken } from "../tokens/refuse-frozen-token.js";
import { noSuchToken } from "../tokens/require-token.js";
import { deleteDeploymentsOf, deleteToken, lockWholeToken } from "./delete-token.js";

export interface TokenRemoval {
  readonly tokenId: string;
  /** What becomes of licences that are out; null refuses while there are any. */
  readonly licenses: LicensesOnRemoval | null;
  /** Only counts. */
  readonly dryRun: boolean;
  readonly actor: string;
}

export interface RemovalOutcome {
  readonly loss: TokenLoss;
  /** It is gone; false when its licences are returned first, or nothing was done. */
  readonly removed: boolean;
}

/**
 * Removes a token with its apps, licences, registrations, deployments and history. With RETURN its deployments end at once,
 * nothing is claimed any more, and the job `remove-token` deletes it when every licence that can come back is back; with
 * LEAVE, or when none is out, it is deleted at once and Apple's books stay as they are. Asked again, it goes on as before;
 * LEAVE ends a return that cannot come to its end.
 * @throws AppError NOT_FOUND; CONFLICT when licences are out and nobody said what is to become of them, or an MDM owns the
 * token; with RETURN the token's own code when it may not write.
 */
export async function removeToken(tx: EntityManager, core: Core, removal: TokenRemoval): Promise<RemovalOutcome> {
  const { tokenId, licenses } = removal;
  if (!removal.dryRun) await lockWholeToken(tx, tokenId);
  const token = await requireOwnToken(tx, tokenId);
  const loss = await tokenLoss(tx, tokenId);
  if (removal.dryRun) return { loss, removed: false };
  const settled = loss.licenses === 0 && loss.openOperations === 0;
  if (licenses === LicensesOnRemoval.RETURN && !settled) {
    await beginReturn(tx, core, token, removal.actor);
    return { loss, removed: false };
  }
  if (licenses === null) refuseWhileOut(token, loss);
  await deleteToken(tx, core, tokenId);
  return { loss, removed: true };
}

async function requireOwnToken(tx: EntityManager, tokenId: string): Promise<Token> {
  const token = await tx.findOneBy(Token, { id: tokenId });
  if (!token) throw noSuchToken(tokenId);
  if (token.authority === TokenAuthority.SERVICE) return token;
  throw new AppError(
    "CONFLICT",
    `An MDM owns the token "${token.name}": remove it there, or remove the target here with removeTarget.`,
    { token: token.name },
  );
}

async function beginReturn(tx: EntityManager, core: Core, token: Token, actor: string): Promise<void> {
  if (token.removingAt === null) {
    refuseFrozenToken(token);
    await tx.query("UPDATE token SET removing_at = $2, removing_actor = $3 WHERE id = $1", [
      token.id,
      core.clock.now(),
      actor,
    ]);
    await deleteDeploymentsOf(tx, token.id);
    await addJob(tx, "warn-of-expiry", {});
  }
  await addJob(tx, "remove-token", { tokenId: token.id });
}

function refuseWhileOut(token: Token, loss: TokenLoss): void {
  if (loss.licenses === 0) return;
  throw new AppError(
    "CONFLICT",
    `${loss.licenses} licences of the token "${token.name}" are out, and ${loss.returnableLicenses} of them can be taken back. ` +
      "Say with `licenses` what is to become of them: RETURN takes them back first, LEAVE leaves them with their holders. " +
      "To take the apps off the devices, too, change its deployments to UNINSTALL before.",
    { token: token.name, ...loss },
  );
}

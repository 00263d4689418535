import type { EntityManager } from "typeorm";
import { allowDeletion } from "../allow-deletion.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { recheckDuplicates } from "../targets/recheck-duplicates.js";
import { keepBinding } from "../tokens/bound-account.js";
import { wakeOtherTokens } from "./wake-other-tokens.js";

/**
 * Locks a token with everything that others change while they hold something of it, in the order in which they take it:
 * whoever is in the middle of a change of it ends first, and whoever comes later finds it gone.
 */
export async function lockWholeToken(tx: EntityManager, tokenId: string): Promise<void> {
  await tx.query("SELECT 1 FROM deployment WHERE token_id = $1 ORDER BY id FOR NO KEY UPDATE", [tokenId]);
  await tx.query("SELECT 1 FROM installation WHERE token_id = $1 ORDER BY token_id, id FOR UPDATE", [tokenId]);
  await tx.query("SELECT 1 FROM sync_run WHERE token_id = $1 AND ended_at IS NULL FOR UPDATE", [tokenId]);
  await tx.query("SELECT 1 FROM apple_operation WHERE token_id = $1 AND ended_at IS NULL ORDER BY id FOR UPDATE", [
    tokenId,
  ]);
  await tx.query("SELECT 1 FROM store_app WHERE token_id = $1 ORDER BY id FOR UPDATE", [tokenId]);
  await tx.query("SELECT 1 FROM token WHERE id = $1 FOR UPDATE", [tokenId]);
}

/** Deletes the deployments of a token with their installations; nobody is told anything. */
export async function deleteDeploymentsOf(tx: EntityManager, tokenId: string): Promise<void> {
  await tx.query("DELETE FROM installation WHERE token_id = $1", [tokenId]);
  await tx.query("DELETE FROM deployment WHERE token_id = $1", [tokenId]);
  await tx.query("DELETE FROM application WHERE token_id = $1", [tokenId]);
}

/** Deletes a token that is locked, with all that hangs on it. What is at Apple stays as it is. */
export async function deleteToken(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  await deleteDeploymentsOf(tx, tokenId);
  await wakeOtherTokens(tx, tokenId);
  await keepBinding(tx, core, tokenId);
  await tx.query("UPDATE alert SET cleared_at = $2 WHERE token_id = $1 AND cleared_at IS NULL", [
    tokenId,
    core.clock.now(),
  ]);
  await tx.query("DELETE FROM apple_operation WHERE token_id = $1", [tokenId]);
  await allowDeletion(tx);
  await tx.query("DELETE FROM license WHERE token_id = $1", [tokenId]);
  await tx.query("DELETE FROM token WHERE id = $1", [tokenId]);
  await recheckDuplicates(tx);
  await addJob(tx, "warn-of-expiry", {});
}

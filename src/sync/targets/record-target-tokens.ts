import type { EntityManager } from "typeorm";
import { SyncMode, SyncRunState, SyncTrigger } from "../../entities/sync-run.js";
import { TokenAuthority, TokenPlatform } from "../../entities/token.js";
import type { TargetToken } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { lockLocations } from "./lock-locations.js";
import { duplicateLocationHealth, type TargetTokenHealth, targetTokenHealth } from "./target-token-health.js";

/**
 * Adds the tokens of a product that are not known yet, each with a first synchronisation. One whose location another
 * token here already works is added without it, as DUPLICATE_LOCATION: it is shown, and nothing is asked of it.
 */
export async function recordTargetTokens(
  tx: EntityManager,
  core: Core,
  target: { readonly id: string; readonly name: string },
  tokens: readonly TargetToken[],
): Promise<void> {
  if (tokens.length > 0) await lockLocations(tx);
  for (const token of tokens) {
    const duplicate = await locationTaken(tx, target.id, token);
    const health = duplicate
      ? duplicateLocationHealth(duplicate)
      : targetTokenHealth(token, target.name, core.clock.now());
    const added = await insertToken(tx, core, target.id, duplicate ? { ...token, locationId: null } : token, health);
    if (added && !duplicate) await addFirstSync(tx, core, added);
  }
}

async function locationTaken(tx: EntityManager, targetId: string, token: TargetToken): Promise<string | null> {
  const other = await row<{ name: string }>(
    tx,
    `SELECT name FROM token WHERE location_id = $1 AND (target_id, external_id) IS DISTINCT FROM ($2::uuid, $3::text)`,
    [token.locationId, targetId, token.externalId],
  );
  return other?.name ?? null;
}

/** @returns its id; null when it is known already. */
async function insertToken(
  tx: EntityManager,
  core: Core,
  targetId: string,
  token: TargetToken,
  health: TargetTokenHealth,
): Promise<string | null> {
  const now = core.clock.now();
  const added = await row<{ id: string }>(
    tx,
    `INSERT INTO token (id, authority, name, organization, location_id, location_name, country, platform, target_id,
                        external_id, expires_at, added_at, updated_at, health_state, health_cause, health_since,
                        health_evidence, health_remedy, teams)
     VALUES ($1, '${TokenAuthority.TARGET}', $2, $3, $4, $5, $6, '${TokenPlatform.BUSINESS}', $7, $8, $9, $10, $10, $11,
             $12, $10, $13, $14, (SELECT teams FROM target WHERE id = $7))
     ON CONFLICT (target_id, external_id) WHERE target_id IS NOT NULL DO NOTHING
     RETURNING id`,
    [
      core.clock.uuid(),
      token.name,
      token.organization,
      token.locationId,
      token.locationName,
      token.country,
      targetId,
      token.externalId,
      token.expiresAt,
      now,
      health.state,
      health.cause,
      health.evidence,
      health.remedy,
    ],
  );
  return added?.id ?? null;
}

async function addFirstSync(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  await tx.query("INSERT INTO sync_run (token_id, mode, trigger, state, started_at) VALUES ($1, $2, $3, $4, $5)", [
    tokenId,
    SyncMode.FULL,
    SyncTrigger.ADDED,
    SyncRunState.QUEUED,
    core.clock.now(),
  ]);
  await addJob(tx, "sync-token", { tokenId });
}

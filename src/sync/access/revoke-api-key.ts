import type { EntityManager } from "typeorm";
import { ApiKey } from "../../entities/api-key.js";
import { missing } from "../../queries/node-key.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";

/** Ends a key for ever; one that is revoked stays as it was revoked first. @throws AppError NOT_FOUND. */
export async function revokeApiKey(tx: EntityManager, core: Core, id: string, actor: string): Promise<void> {
  const known = await row(tx, "SELECT id FROM api_key WHERE id = $1 FOR UPDATE", [id]);
  if (!known) missing(ApiKey, id);
  await tx.query("UPDATE api_key SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL", [
    id,
    core.clock.now(),
    actor,
  ]);
}

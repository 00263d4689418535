import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { requireToken } from "./require-token.js";
import { requireTokenName } from "./token-name.js";

/** The admin's words about a token; what is left out stays. */
export interface TokenChanges {
  readonly name?: string;
  readonly description?: string | null;
  readonly categories?: readonly string[];
}

/** @throws AppError NOT_FOUND, or INVALID_INPUT for an empty name. */
export async function updateToken(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  changes: TokenChanges,
): Promise<void> {
  await requireToken(tx, tokenId);
  const { name, description, categories } = changes;
  await tx.query(
    `UPDATE token SET name = COALESCE($2, name), description = CASE WHEN $3 THEN $4 ELSE description END,
                      categories = COALESCE($5, categories), updated_at = $6
     WHERE id = $1`,
    [
      tokenId,
      name === undefined ? null : requireTokenName(name),
      description !== undefined,
      description ?? null,
      categories ?? null,
      core.clock.now(),
    ],
  );
}

import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { requireToken } from "./require-token.js";
import { requireTokenWords, type TokenWords } from "./token-words.js";

/** Changes what an admin says of a token; what is left out stays. @throws AppError NOT_FOUND, or INVALID_INPUT. */
export async function updateToken(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  changes: Partial<TokenWords>,
): Promise<void> {
  await requireToken(tx, tokenId);
  const { name, description, categories, contacts } = requireTokenWords(changes);
  await tx.query(
    `UPDATE token SET name = COALESCE($2, name), description = CASE WHEN $3 THEN $4 ELSE description END,
                      categories = COALESCE($5, categories), contacts = COALESCE($6::jsonb, contacts), updated_at = $7
     WHERE id = $1`,
    [
      tokenId,
      name ?? null,
      description !== undefined,
      description ?? null,
      categories ?? null,
      contacts ? JSON.stringify(contacts) : null,
      core.clock.now(),
    ],
  );
}

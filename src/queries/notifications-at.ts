import type { DataSource } from "typeorm";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

/** When Apple's newest notification of each token came; null where there is none. */
export async function notificationsAt(db: DataSource, tokens: readonly NodeKey[]): Promise<(Date | null)[]> {
  const newest = await rows<{ received_at: Date | null }>(
    db,
    `SELECT newest.received_at FROM unnest($1::uuid[]) WITH ORDINALITY AS token(id, ordinal)
     LEFT JOIN LATERAL (SELECT received_at FROM apple_notification WHERE token_id = token.id ORDER BY id DESC LIMIT 1) newest
            ON true
     ORDER BY token.ordinal`,
    [tokens.map(([id]) => id)],
  );
  return newest.map(({ received_at }) => received_at);
}

import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import { addJob } from "../jobs.js";

/** Where another token's licences served a device instead of this one's, and some of them have ended: a look is worth it. */
export async function wakeOtherTokens(tx: EntityManager, tokenId: string): Promise<void> {
  const waiting = await rows<{ tokenId: string }>(
    tx,
    `SELECT DISTINCT token_id AS "tokenId" FROM installation
     WHERE reason = 'SERVED_BY_OTHER_TOKEN' AND token_id <> $1 ORDER BY 1`,
    [tokenId],
  );
  for (const other of waiting) await addJob(tx, "license-installations", other);
}

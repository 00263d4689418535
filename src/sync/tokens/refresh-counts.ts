import { rows } from "../../queries/sql.js";
import type { AppleAccess } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { type CountsRead, readCounts } from "./read-counts.js";
import { inParallel } from "./run/in-parallel.js";
import { PARALLEL_READS } from "./run/read-pages.js";

interface AppToRead {
  readonly id: string;
  readonly adamId: string;
  readonly pricingParam: string;
}

/**
 * Reads the counts of these apps at Apple anew, each by its id; a count that has not moved is not written, and a change of
 * a total is put down.
 * @returns whether Apple lists them all.
 * @throws AppleError when Apple cannot be asked.
 */
export async function refreshCounts(core: Core, access: AppleAccess, storeAppIds: readonly string[]): Promise<boolean> {
  const apps = await rows<AppToRead>(
    core.dataSource,
    `SELECT id, adam_id AS "adamId", pricing_param AS "pricingParam" FROM store_app
     WHERE token_id = $1 AND id = ANY($2) ORDER BY id`,
    [access.tokenId, storeAppIds],
  );
  let allListed = true;
  await inParallel(apps, PARALLEL_READS, async (app) => {
    const read = await readCounts(core, access, app);
    if (read) await record(core, access, app, read);
    else allListed = false;
  });
  return allListed;
}

async function record(core: Core, access: AppleAccess, app: AppToRead, read: CountsRead): Promise<void> {
  const { asset, requestedAt } = read;
  await core.dataSource.query(
    `WITH before AS (
       SELECT id, total_count FROM store_app
       WHERE token_id = $1 AND id = $2 AND counts_at < $7
         AND (total_count, assigned_count, available_count, retired_count) IS DISTINCT FROM ($3::int, $4::int, $5::int, $6::int)
       FOR NO KEY UPDATE
     ), written AS (
       UPDATE store_app app SET total_count = $3, assigned_count = $4, available_count = $5, retired_count = $6, counts_at = $7
       FROM before WHERE app.token_id = $1 AND app.id = before.id
     )
     INSERT INTO stock_change (token_id, store_app_id, total_before, total_after, seen_at)
     SELECT $1, id, total_count, $3, $7 FROM before WHERE total_count <> $3`,
    [
      access.tokenId,
      app.id,
      asset.totalCount,
      asset.assignedCount,
      asset.availableCount,
      asset.retiredCount,
      requestedAt,
    ],
  );
}

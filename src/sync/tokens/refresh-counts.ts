import { rows } from "../../queries/sql.js";
import type { AppleAccess, AssetRow } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { inParallel } from "./run/in-parallel.js";

const PARALLEL_READS = 5;

interface AppToRead {
  id: string;
  adam_id: string;
  pricing_param: string;
}

/**
 * Reads the counts of these apps at Apple anew, each by its id; a count that has not moved is not written.
 * @throws AppleError when Apple cannot be asked.
 */
export async function refreshCounts(core: Core, access: AppleAccess, storeAppIds: readonly string[]): Promise<void> {
  const apps = await rows<AppToRead>(
    core.dataSource,
    "SELECT id, adam_id, pricing_param FROM store_app WHERE token_id = $1 AND id = ANY($2) ORDER BY id",
    [access.tokenId, storeAppIds],
  );
  await inParallel(apps, PARALLEL_READS, (app) => refreshOne(core, access, app));
}

async function refreshOne(core: Core, access: AppleAccess, app: AppToRead): Promise<void> {
  const page = await core.apple.assets(access, { adamId: app.adam_id, pricingParam: app.pricing_param });
  const isIt = (asset: AssetRow) => asset.adamId === app.adam_id && asset.pricingParam === app.pricing_param;
  const asset = page.assets.find(isIt);
  if (!asset) return;
  await core.dataSource.query(
    `UPDATE store_app SET total_count = $3, assigned_count = $4, available_count = $5, retired_count = $6, counts_at = $7
     WHERE token_id = $1 AND id = $2 AND counts_at < $7
       AND (total_count, assigned_count, available_count, retired_count) IS DISTINCT FROM ($3::int, $4::int, $5::int, $6::int)`,
    [
      access.tokenId,
      app.id,
      asset.totalCount,
      asset.assignedCount,
      asset.availableCount,
      asset.retiredCount,
      page.requestedAt,
    ],
  );
}

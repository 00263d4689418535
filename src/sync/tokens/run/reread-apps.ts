import { rows } from "../../../queries/sql.js";
import type { AppleAccess } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import { inParallel } from "./in-parallel.js";
import type { Progress } from "./progress.js";
import { PARALLEL_READS, readPages } from "./read-pages.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

interface AppToRead {
  id: string;
  adam_id: string;
  pricing_param: string;
}

/** Reads the holdings of these apps whole, each by itself, into emptied staging tables. */
export async function rereadApps(
  core: Core,
  access: AppleAccess,
  run: SyncRunRecord,
  staging: Staging,
  progress: Progress,
  storeAppIds: readonly string[],
): Promise<void> {
  const apps = await rows<AppToRead>(
    core.dataSource,
    "SELECT id, adam_id, pricing_param FROM store_app WHERE token_id = $1 AND id = ANY($2) ORDER BY id",
    [run.tokenId, storeAppIds],
  );
  await staging.empty("assignment", "asked");
  await inParallel(apps, PARALLEL_READS, async (app) => {
    const query = { adamId: app.adam_id, pricingParam: app.pricing_param };
    const { requestedAt } = await readPages(
      (pageIndex) => core.apple.assignments(access, { ...query, pageIndex }),
      (page) => staging.addAssignments(page.assignments.filter(isOf(app)), page.requestedAt),
      progress,
    );
    await staging.addAsked([{ id: app.id, ...query }], requestedAt);
  });
  await staging.analyze("assignment", "asked");
  await progress.tell();
}

/** A server that does not know a filter answers with more than was asked for. */
function isOf(app: AppToRead): (row: { adamId: string; pricingParam: string }) => boolean {
  return (row) => row.adamId === app.adam_id && row.pricingParam === app.pricing_param;
}

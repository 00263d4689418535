import type { AppleAccess } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import { readCounts } from "../read-counts.js";
import { inParallel } from "./in-parallel.js";
import type { Progress } from "./progress.js";
import { PARALLEL_READS, readPages } from "./read-pages.js";
import type { AppReader } from "./recheck.js";
import type { AppKey, Staging } from "./staging.js";

/** Reads apps at Apple by themselves. */
export function appleAppReader(core: Core, access: AppleAccess, staging: Staging, progress: Progress): AppReader {
  return {
    readHoldings: (apps) =>
      inParallel(apps, PARALLEL_READS, async (app) => {
        const { requestedAt } = await readPages(
          (pageIndex) => core.apple.assignments(access, { ...queryOf(app), pageIndex }, progress.signal),
          (page) => staging.addAssignments(page.assignments.filter(isOf(app)), page.requestedAt, "again"),
          progress,
        );
        await staging.addAsked(app, requestedAt);
      }),
    readCounts: (apps) =>
      inParallel(apps, PARALLEL_READS, async (app) => {
        const read = await readCounts(core, access, app, progress.signal);
        if (read) await staging.addAssets([read.asset], read.requestedAt);
      }),
  };
}

function queryOf({ adamId, pricingParam }: AppKey): AppKey {
  return { adamId, pricingParam };
}

/** A server that does not know a filter answers with more than was asked for. */
function isOf(app: AppKey): (row: AppKey) => boolean {
  return (row) => row.adamId === app.adamId && row.pricingParam === app.pricingParam;
}

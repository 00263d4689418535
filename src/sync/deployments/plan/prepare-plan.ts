import { freshenStatistics } from "../../../queries/freshen-statistics.js";
import type { Core } from "../../core.js";

/** Lets PostgreSQL know of masses of new rows before a plan is computed of them. */
export async function preparePlan(core: Core): Promise<void> {
  await freshenStatistics(core.dataSource, [
    "collection_member",
    "device",
    "holder_alias",
    "installation",
    "license",
    "apple_user",
  ]);
}

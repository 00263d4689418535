import {
  type HolderKind,
  type HolderPage,
  type HolderRecords,
  MAX_PAGE_RECORDS,
  PluginError,
} from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { readPage } from "../targets/answers.js";
import { callTarget } from "../targets/call-target.js";
import { watchListing } from "../targets/listing-limits.js";
import { CALL_DEADLINE_MS } from "../targets/within-deadline.js";
import { usableRecords } from "./usable-records.js";

/** Records that are merged in one transaction. */
const BATCH = 5000;

/**
 * A listing of a target in batches.
 * @returns whether the listing holds everything that exists.
 * @throws PluginError; what was read before stands.
 */
export async function* readHolders<Kind extends HolderKind>(
  core: Core,
  targetId: string,
  kind: Kind,
): AsyncGenerator<readonly HolderRecords[Kind][], boolean> {
  const watch = watchListing(`${kind}s`);
  for (let cursor: string | null = null; ; ) {
    const page: HolderPage<Kind> = await askForPage(core, targetId, kind, cursor);
    watch(page.records.length, page.next);
    for (let start = 0; start < page.records.length; start += BATCH) yield page.records.slice(start, start + BATCH);
    if (page.next === null) return page.complete;
    cursor = page.next;
  }
}

function askForPage<Kind extends HolderKind>(
  core: Core,
  targetId: string,
  kind: Kind,
  cursor: string | null,
): Promise<HolderPage<Kind>> {
  return callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) => {
    if (!connection.listHolders) throw new PluginError("config", "This target has no listing of holders any more.");
    const answer = await connection.listHolders(kind, cursor, signal);
    const { records, next } = readPage(answer, `${kind}s`, MAX_PAGE_RECORDS);
    return { records: usableRecords(kind, records), next, complete: answer.complete === true };
  });
}

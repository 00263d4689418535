import { type HolderKind, type HolderPage, type HolderRecords, PluginError } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { callTarget } from "../targets/call-target.js";
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
  const seen = new Set<string>();
  let cursor: string | null = null;
  for (;;) {
    const page: HolderPage<Kind> = await readPage(core, targetId, kind, cursor);
    for (let start = 0; start < page.records.length; start += BATCH) {
      yield usableRecords(kind, page.records.slice(start, start + BATCH));
    }
    if (page.next === null) return page.complete;
    if (seen.has(page.next)) throw new PluginError("internal", `The listing of ${kind}s goes round in circles.`);
    seen.add(page.next);
    cursor = page.next;
  }
}

function readPage<Kind extends HolderKind>(
  core: Core,
  targetId: string,
  kind: Kind,
  cursor: string | null,
): Promise<HolderPage<Kind>> {
  return callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) => {
    if (!connection.listHolders) throw new PluginError("config", "This target has no listing of holders any more.");
    return connection.listHolders(kind, cursor, signal);
  });
}

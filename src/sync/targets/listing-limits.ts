import { createHash } from "node:crypto";
import { PluginError } from "../../plugins/contract.js";

/** What no product has so many of; a listing that goes on is one that never ends. */
const MOST_RECORDS = 2_000_000;
const MOST_PAGES = 50_000;
const MOST_EMPTY_PAGES = 1_000;

/**
 * Watches over one listing, page by page, so that it ends.
 * @param what is listed, in the plural.
 */
export function watchListing(what: string): (records: number, next: string | null) => void {
  const cursors = new Set<string>();
  let total = 0;
  let empty = 0;
  return (records, next) => {
    total += records;
    empty = records === 0 ? empty + 1 : 0;
    if (total > MOST_RECORDS) throw endless(what, `more than ${MOST_RECORDS} of them`);
    if (next === null) return;
    const cursor = createHash("sha256").update(next).digest("base64");
    if (cursors.has(cursor)) throw endless(what, "it goes round in circles");
    cursors.add(cursor);
    if (cursors.size >= MOST_PAGES) throw endless(what, `more than ${MOST_PAGES} pages`);
    if (empty >= MOST_EMPTY_PAGES) throw endless(what, `${MOST_EMPTY_PAGES} empty pages in a row`);
  };
}

function endless(what: string, why: string): PluginError {
  return new PluginError("internal", `The listing of ${what} does not end (${why}): it was given up.`);
}

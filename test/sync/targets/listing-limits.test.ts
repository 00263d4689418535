import { describe, expect, test } from "vitest";
import { watchListing } from "../../../src/sync/targets/listing-limits.js";

/** Looks at so many pages, each with a cursor of its own. */
function pages(count: number, records: number): void {
  const watch = watchListing("devices");
  for (let page = 0; page < count; page += 1) watch(records, `page ${page}`);
}

describe("a listing", () => {
  test("may be long", () => {
    expect(() => pages(40_000, 50)).not.toThrow();
    expect(() => pages(20, 100_000)).not.toThrow();
  });

  test.each([
    ["too many records", 21, 100_000, /2000000 of them/],
    ["too many pages", 50_000, 1, /50000 pages/],
    ["too many empty pages in a row", 1_000, 0, /1000 empty pages/],
  ])("that goes on without end is given up: %s", (_, count, records, words) => {
    expect(() => pages(count, records)).toThrow(words);
  });

  test("with an empty page now and then is none that goes on without end", () => {
    const watch = watchListing("devices");
    for (let page = 0; page < 5_000; page += 1) watch(page % 999 === 0 ? 1 : 0, `page ${page}`);
  });

  test("that comes back to a page it had is given up", () => {
    const watch = watchListing("devices");
    watch(1, "first");
    watch(1, "second");
    expect(() => watch(1, "first")).toThrow(/goes round in circles/);
  });

  test("may end with the cursor of its last page", () => {
    const watch = watchListing("devices");
    watch(1, "first");
    expect(() => watch(1, null)).not.toThrow();
  });
});

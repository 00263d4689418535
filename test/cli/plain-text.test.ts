import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { describeFinding } from "../../src/cli/doctor/describe-finding.js";
import { PlainTable } from "../../src/cli/plain-table.js";
import { progressBar } from "../../src/cli/progress-bar.js";
import { describeOutcome } from "../../src/cli/sync/sync-outcome.js";

/** Clears the screen, and a C1 control that some terminals take for the same. */
const NAME = "Head\u001b[2J\u009b2J office";

function bar(): string {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  progressBar(NAME, "pages", stream).stop();
  return String(stream.read());
}

const outcome = { token: NAME, state: "FAILED", pagesRead: 0, rowsAdded: 0, rowsChanged: 0, rowsEnded: 0 } as const;

it.each([
  ["a table", new PlainTable(["Token"]).lines([[NAME]])],
  ["an outcome", describeOutcome({ ...outcome, warnings: [NAME], error: NAME })],
  ["a finding", describeFinding({ check: "targets", state: "ERROR", found: NAME, remedy: NAME })],
  ["a progress bar", bar()],
])("gives a terminal no order that somebody has put into a name: %s", (_, text) => {
  expect(text).toContain("Head ");
  expect(text).not.toContain("\u001b[2J");
  expect(text).not.toContain("\u009b");
});

import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { progressBar } from "../../src/cli/progress-bar.js";

/** What a bar draws on a stream, a terminal or none. */
function drawn(isTerminal: boolean): string {
  const stream = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 100, cursorTo: () => true });
  const bar = progressBar("Head office", "pages", stream);
  bar.update(12, 30, "assignments");
  bar.stop();
  return String(stream.read() ?? "");
}

it("shows on a terminal what is done, of how much, and what is being done", () => {
  expect(drawn(true)).toMatch(/Head office .* 40 % {2}12\/30 pages {2}assignments/);
});

it("writes nothing where there is no terminal", () => {
  expect(drawn(false)).toBe("");
});

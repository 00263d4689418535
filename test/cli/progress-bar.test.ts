import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { progressBar } from "../../src/cli/progress-bar.js";

/** What a bar draws on a stream, a terminal or none. */
function drawn(isTerminal: boolean): string {
  const stream = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 100 });
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

it("gives the cursor back when Ctrl-C ends the process, and lets it end", async () => {
  const program = `
    import { progressBar } from "./src/cli/progress-bar.ts";
    progressBar("Head office", "pages", Object.assign(process.stdout, { isTTY: true, columns: 100 }));
    setInterval(() => undefined, 1000);
    process.stderr.write("drawn");`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
  const output = text(child.stdout);
  const ended = once(child, "exit");
  await once(child.stderr, "data");
  child.kill("SIGINT");
  expect(await ended).toEqual([null, "SIGINT"]);
  const [hidden, shown] = ["\u001b[?25l", "\u001b[?25h"];
  expect((await output).lastIndexOf(shown)).toBeGreaterThan((await output).lastIndexOf(hidden));
});

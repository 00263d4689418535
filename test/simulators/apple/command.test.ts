import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { send } from "./apple-caller.js";

function simulate(args: string[]): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, ["--import", "tsx", "simulators/main.ts", ...args], { stdio: "pipe" });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => (text += part.toString()));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, output: () => text, ended };
}

test("the command prints the address and a token that works, writes the file, and ends cleanly on SIGTERM", async () => {
  const folder = await mkdtemp(join(tmpdir(), "simulator-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tokenOut = join(folder, "location.vpptoken");
  const options = ["--port", "0", "--apps", "12", "--licenses", "240", "--seed", "7", "--token-out", tokenOut];
  options.push("--switches", '{"pageSize":5}');
  const { child, output, ended } = simulate(["apple", ...options]);
  await expect.poll(output, { timeout: 30_000 }).toContain("END TOKEN FILE");

  const baseUrl = /^APPLE_BASE_URL=(http:\S+\/mdm\/v2)$/m.exec(output())?.[1];
  const controlUrl = /^Control plane: (http:\S+)$/m.exec(output())?.[1];
  const token = /-----BEGIN TOKEN FILE-----\n(\S+)\n-----END TOKEN FILE-----/.exec(output())?.[1];
  expect(await readFile(tokenOut, "utf8")).toBe(token);
  const assets = await send(`${baseUrl}/assets`, { headers: { authorization: `Bearer ${token}` } });
  expect(assets.body).toMatchObject({ size: 5, totalPages: 3 });
  expect((await send(`${controlUrl}/token-file`, {})).body.tokenFile).toBe(token);

  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test.each([
  [[], /Name a product/],
  [["toaster"], /no simulator of "toaster"/],
  [["apple", "--apps", "many"], /--apps must be a whole number from 1/],
  [["apple", "--port", "70000"], /--port must be a whole number/],
  [["apple", "--licenses", "-5"], /--licenses/],
  [["apple", "--colour", "red"], /--colour/],
  [["apple", "--switches", "fast"], /--switches must be JSON/],
  [["apple", "--switches", '{"pageSize":0}'], /--switches: pageSize/],
  [["apple", "--licenses", "5", "--assigned", "6"], /--assigned 6 is more than --licenses 5/],
  [["apple", "--port", "0", "--apps", "10", "--licenses", "100", "--assigned", "100"], /At most \d+ licenses/],
])("the command line %j is refused with a sentence and status 2", async (args, sentence) => {
  const { output, ended } = simulate(args);
  expect(await ended).toBe(2);
  expect(output()).toMatch(sentence);
  expect(output()).not.toContain("    at ");
});

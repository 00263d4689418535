import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";

function simulate(args: string[]): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, ["--import", "tsx", "simulators/main.ts", "nanomdm", ...args], {
    stdio: "pipe",
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => (text += part.toString()));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, output: () => text, ended };
}

test("the command prints what a target needs, and ends cleanly on SIGTERM", async () => {
  const { child, output, ended } = simulate(["--port", "0", "--flavour", "micromdm", "--devices", "6", "--seed", "3"]);
  await expect.poll(output, { timeout: 30_000 }).toContain("Control plane");
  const settings = JSON.parse(/^Settings of a target: (.+)$/m.exec(output())?.[1] ?? "");
  const credentials = Buffer.from(`micromdm:${settings.apiKey}`).toString("base64");
  const headers = { authorization: `Basic ${credentials}` };
  const answer = await fetch(`${settings.url}/v1/devices`, { method: "POST", headers, body: "{}" });
  expect(((await answer.json()) as { devices: unknown[] }).devices).toHaveLength(6);
  const controlUrl = /^Control plane: (http:\S+)$/m.exec(output())?.[1];
  expect(await (await fetch(`${controlUrl}/state`)).json()).toMatchObject({ flavour: "micromdm" });
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test.each([
  [["--flavour", "jamf"], /--flavour must be nanomdm or micromdm/],
  [["--devices", "many"], /--devices must be a whole number/],
  [["--port", "70000"], /--port must be a whole number/],
  [["--switches", "fast"], /--switches must be JSON/],
  [["--switches", '{"notNow":2}'], /--switches: notNow/],
  [["--colour", "red"], /--colour/],
])("the command line %j is refused with a sentence and status 2", async (args, sentence) => {
  const { output, ended } = simulate(args);
  expect(await ended).toBe(2);
  expect(output()).toMatch(sentence);
});

import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { runCommand, startCommand } from "../support/run-command.js";

it("runs a simulator with its own options until it is told to end", async () => {
  const child = startCommand(["simulate", "apple", "--port", "0", "--apps", "2", "--licenses", "4"], {});
  onTestFinished(() => void child.kill("SIGKILL"));
  if (!child.stdout) throw new Error("The command has no output");
  let baseUrl: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    baseUrl ??= /^APPLE_BASE_URL=(\S+)/.exec(line)?.[1];
    if (line.includes("END TOKEN FILE")) break;
  }
  expect((await fetch(`${baseUrl}/service/config`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

it("passes on the status of a simulator that refuses its options", async () => {
  const { status, stderr } = await runCommand(["simulate", "orchard"]);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/no simulator of "orchard"/) });
});

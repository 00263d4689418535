import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../support/database.js";
import { startCommand } from "../support/run-command.js";
import { testEnvironment } from "../support/service.js";

it("runs the service until it is told to end, and ends with 0", async () => {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const child = startCommand(["serve"], testEnvironment(database.url, "http://127.0.0.1:9/mdm/v2"));
  onTestFinished(() => void child.kill("SIGKILL"));
  if (!child.stdout) throw new Error("The command has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listens on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({ status: "ready" });
    break;
  }
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { migrateDatabase } from "../../src/database.js";
import { createEmptyDatabase, createTestDatabase } from "../support/database.js";
import { runSql } from "../support/embedded-process.js";
import { runCommand, startCommand } from "../support/run-command.js";
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

it("ends with 2 and every problem when its configuration cannot be used", async () => {
  const { status, stdout, stderr } = await runCommand(["serve"], { PORT: "many", TOKEN_LIMIT: "0" });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/PORT[\s\S]*TOKEN_LIMIT/);
});

it("ends with 1 and a sentence at a database that is not reached, or that a later release has changed", async () => {
  const database = await createEmptyDatabase();
  onTestFinished(database.drop);
  await migrateDatabase(database.url);
  await runSql(database.url, "INSERT INTO migrations (timestamp, name) VALUES (1900000000000, 'Later1900000000000')");
  const serve = (url: string) => runCommand(["serve"], testEnvironment(url, "http://127.0.0.1:9/mdm/v2"));
  expect(await serve(database.url)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^Allotment cannot start: .*later release.*Later1900000000000\. Start the release/),
  });
  expect(await serve("postgres://nobody:secret@127.0.0.1:9/nowhere")).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^Allotment cannot start: The database is not reached: .*ECONNREFUSED.*\n$/),
  });
});

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { migrateDatabase } from "../../src/database.js";
import { createEmptyDatabase } from "../support/database.js";
import { runSql } from "../support/embedded-process.js";
import { runCommand } from "../support/run-command.js";
import { testEnvironment } from "../support/service.js";

it("lists what is missing, applies it, and then finds the database up to date", async () => {
  const database = await createEmptyDatabase();
  onTestFinished(database.drop);
  const environment = testEnvironment(database.url, "http://127.0.0.1:9/mdm/v2");
  const tables = async () =>
    (await runSql(database.url, "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'"))[0]?.n;

  const dry = await runCommand(["migrate", "--dry-run"], environment);
  expect(dry).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Missing: FirstSchema1800000000000\n/) });
  expect(await tables()).toBe(0);

  const done = await runCommand(["migrate"], environment);
  expect(done).toMatchObject({ status: 0, stdout: dry.stdout.replaceAll("Missing:", "Applied:") });
  expect(await tables()).toBeGreaterThan(20);

  const again = await runCommand(["migrate"], environment);
  expect(again).toMatchObject({ status: 0, stdout: "The database is up to date.\n" });
});

it("ends with 1 and a sentence when the database is not reached", async () => {
  const environment = testEnvironment("postgres://nobody:secret@127.0.0.1:9/nowhere", "http://127.0.0.1:9/mdm/v2");
  const { status, stderr } = await runCommand(["migrate"], environment);
  expect(status).toBe(1);
  expect(stderr).toMatch(/not reached: .*ECONNREFUSED.*Check DATABASE_URL/);
  expect(stderr).not.toMatch(/secret|^ {4}at /m);
});

it("ends with 1 at a database of a later release, says what to do, and changes nothing", async () => {
  const database = await createEmptyDatabase();
  onTestFinished(database.drop);
  await migrateDatabase(database.url);
  await runSql(
    database.url,
    "INSERT INTO migrations (timestamp, name) VALUES (1900000000000, 'FromTheFuture1900000000000')",
  );
  const environment = testEnvironment(database.url, "http://127.0.0.1:9/mdm/v2");
  for (const args of [["migrate"], ["migrate", "--dry-run"]]) {
    expect(await runCommand(args, environment)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/does not know FromTheFuture1900000000000\. Start the release that made it/),
    });
  }
});

it("lists what an embedded database would need without making one", async () => {
  const directory = await mkdtemp(join(tmpdir(), "allotment-none-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const { status, stdout } = await runCommand(["migrate", "--dry-run"], { ALLOTMENT_DATA_DIR: directory });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^Missing: FirstSchema1800000000000\n/),
  });
  expect(await readdir(directory)).toEqual([]);
});

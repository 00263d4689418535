import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "../../src/sync/in-transaction.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.dataSource.query("CREATE TABLE pair (name text PRIMARY KEY, writers text[] NOT NULL DEFAULT '{}')");
  await database.dataSource.query("INSERT INTO pair (name) VALUES ('left'), ('right')");
});
afterAll(() => database.drop());

test("of two transactions that wait for each other, both are done in the end, and each once", async () => {
  const { dataSource } = database;
  let tries = 0;
  let bothBegan: () => void = () => undefined;
  const began = new Promise<void>((resolve) => {
    bothBegan = resolve;
  });
  const write = (writer: string, names: readonly string[]) =>
    inTransaction({ dataSource }, async (tx) => {
      tries += 1;
      for (const name of names) {
        await tx.query("UPDATE pair SET writers = array_append(writers, $1) WHERE name = $2", [writer, name]);
        if (tries === 2) bothBegan();
        await began;
      }
      return writer;
    });
  expect(await Promise.all([write("one", ["left", "right"]), write("other", ["right", "left"])])).toEqual([
    "one",
    "other",
  ]);
  expect(tries).toBe(3);
  const pair: { writers: string[] }[] = await dataSource.query("SELECT writers FROM pair");
  expect(pair.map(({ writers }) => writers.sort())).toEqual([
    ["one", "other"],
    ["one", "other"],
  ]);
});

test("what fails for another reason is not done again", async () => {
  let tries = 0;
  const failing = inTransaction(database, async (tx) => {
    tries += 1;
    await tx.query("SELECT * FROM nowhere");
  });
  await expect(failing).rejects.toThrow("nowhere");
  expect(tries).toBe(1);
});

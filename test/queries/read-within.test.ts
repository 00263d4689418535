import type { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../../src/errors.js";
import { DatabaseAway } from "../../src/queries/database-away.js";
import { Deadline } from "../../src/queries/deadline.js";
import { readWithin } from "../../src/queries/read-within.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const failure = (db: DataSource) =>
  readWithin(db, Deadline.ofEachStatement(200))
    .query("SELECT pg_sleep(2)")
    .catch((error: unknown) => error);

describe("a statement that takes longer than it may", () => {
  test("is itself to blame, where the database could be told to end it", async () => {
    const error = await failure(database.dataSource);
    expect(error).toBeInstanceOf(AppError);
    expect(error).not.toBeInstanceOf(DatabaseAway);
  });

  test("is not, where the database is not reached any more, though callers are told the same", async () => {
    const options = { ...database.dataSource.options, url: "postgres://127.0.0.1:1/nothing" };
    const unreached = Object.create(database.dataSource, { options: { value: options } }) as DataSource;
    const error = await failure(unreached);
    expect(error).toBeInstanceOf(DatabaseAway);
    expect(error).toMatchObject({ code: "LIMIT_EXCEEDED", details: { kind: "queryMs", limit: 200 } });
  });
});

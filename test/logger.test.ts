import { runOnce } from "graphile-worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createLogger } from "../src/logger.js";
import { workerLogger } from "../src/sync/watch/worker-logger.js";
import { createTestDatabase, type TestDatabase } from "./support/database.js";

const SECRET = 'a-token "file"\nof two lines';
const lines: string[] = [];
const log = createLogger("info", { write: (line) => void lines.push(line) });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.dataSource.query("CREATE TABLE kept (secret text PRIMARY KEY)");
  await database.dataSource.query("INSERT INTO kept VALUES ($1)", [SECRET]);
});
afterAll(() => database.drop());
beforeEach(() => {
  lines.length = 0;
});

/** Statements that PostgreSQL refuses; it says the value in the message of the first two, in a detail of the last. */
const REFUSED = [
  ["a text that is no number", "SELECT $1::text::int"],
  ["a text that is no moment", "SELECT $1::text::timestamptz"],
  ["a row that is there", "INSERT INTO kept VALUES ($1)"],
] as const;

async function refused(statement: string): Promise<Error> {
  const error: unknown = await database.dataSource.query(statement, [SECRET]).catch((reason: unknown) => reason);
  if (!(error instanceof Error)) throw new Error("PostgreSQL did not refuse it");
  return error;
}

test.each(REFUSED)(
  "a failed statement is logged with its code and place, and nothing it was given: %s",
  async (_, statement) => {
    const error = await refused(statement);
    expect(JSON.stringify({ ...error })).toContain("a-token");
    log.error({ error }, "It failed");
    log.error({ error: new Error("Something else", { cause: error }) }, "It failed");
    log.error(error);
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toMatchObject([
      {
        error: {
          name: "QueryFailedError",
          code: expect.stringMatching(/^2[23]/),
          stack: expect.stringContaining(".ts:"),
        },
      },
      { error: { cause: { name: "QueryFailedError" } } },
    ]);
    expect(lines.join()).not.toContain("a-token");
  },
);

test.each(REFUSED)("neither does graphile-worker tell it of a job that failed: %s", async (_, statement) => {
  const pgPool = new pg.Pool({ connectionString: database.url, max: 2 });
  pgPool.on("error", () => undefined);
  pgPool.on("connect", (client) => client.on("error", () => undefined));
  await database.dataSource.query("SELECT graphile_worker.add_job('failing', max_attempts => 1)");
  await runOnce({
    pgPool,
    logger: workerLogger({ log }),
    taskList: { failing: async () => Promise.reject(await refused(statement)) },
  });
  await pgPool.end();
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      msg: expect.stringMatching(/^Failed task .*failing.* with error$/),
      error: { name: "QueryFailedError", code: expect.stringMatching(/^2[23]/) },
    },
  ]);
  expect(lines.join()).not.toContain("a-token");
});

test("what a message of another library quotes of a caller is not written down either", () => {
  log.error({ error: new TypeError(`Int cannot represent non-integer value: "${SECRET}"`) }, "It failed");
  log.error({ error: { secret: SECRET } }, "It failed");
  expect(lines.join()).toContain("cannot represent non-integer value");
  expect(lines.join()).not.toContain("a-token");
});

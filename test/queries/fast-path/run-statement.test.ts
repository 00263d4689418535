import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Deadline } from "../../../src/queries/deadline.js";
import { runStatement } from "../../../src/queries/fast-path/run-statement.js";
import type { Statement } from "../../../src/queries/fast-path/template.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ master: pool } = database.dataSource.driver as unknown as { readonly master: pg.Pool });
});
afterAll(() => database.drop());

let made = 0;
const statement = (text: string): Statement => ({ text, uses: 0, name: `statement_${++made}` });
const run = (own: Statement, limitMs: number) =>
  runStatement(database.dataSource, own, [], Deadline.ofRequest(limitMs));

/** All sessions that there may be but one, which is free. */
async function holdAllButOne(): Promise<() => void> {
  const sessions = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  sessions.pop()?.release();
  return () => {
    for (const session of sessions) session.release();
  };
}

describe("a statement of the fast path", () => {
  test("waits for a session no longer than its deadline, though one is free that another statement gets", async () => {
    const letGo = await holdAllButOne();
    const ended: string[] = [];
    const long = run(statement("SELECT 'long' FROM pg_sleep(1)"), 60_000).then((text) => ended.push(text));
    const short = run(statement("SELECT 'short'"), 200).catch(({ code }) => ended.push(code));
    await Promise.all([long, short]);
    letGo();
    expect(ended).toEqual(["LIMIT_EXCEEDED", "long"]);
  });

  test("leaves sessions to whatever else there is to do, and comes in its turn", async () => {
    const ended: number[] = [];
    const sleeping = Array.from({ length: 2 * pool.options.max }, (_, at) =>
      run(statement("SELECT 'slept' FROM pg_sleep(0.2)"), 60_000).then(() => ended.push(at)),
    );
    const others = await Promise.all([pool.connect(), pool.connect()]);
    expect(ended).toEqual([]);
    for (const session of others) session.release();
    await Promise.all(sleeping);
    const firstCome = ended.slice(0, pool.options.max / 2);
    expect(Math.max(...firstCome)).toBeLessThan(pool.options.max);
  });

  test("that can have no session gives its turn to the next one", async () => {
    const connect = vi.spyOn(pool, "connect");
    for (let time = 0; time < pool.options.max; time += 1) {
      connect.mockImplementationOnce(() => Promise.reject(new Error("away")));
      await expect(run(statement("SELECT 'x'"), 60_000)).rejects.toThrow("away");
    }
    expect(await run(statement("SELECT 'x'"), 60_000)).toBe("x");
    connect.mockRestore();
  });

  test("leaves its plan to a session, which ends before it keeps more than PostgreSQL has room for", async () => {
    const text = (at: number) => `SELECT left('${"x".repeat(60_000)}', ${at})`;
    for (let at = 0; at < 14; at++) {
      const own = statement(text(at));
      for (let time = 0; time < 5; time++) await run(own, 60_000);
    }
    const sessions = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()));
    const kept = await Promise.all(
      sessions.map((session) => session.query("SELECT sum(length(statement))::int AS sum FROM pg_prepared_statements")),
    );
    for (const session of sessions) session.release();
    const sums = kept.map(({ rows }) => Number(rows[0]?.sum ?? 0));
    expect(Math.max(...sums)).toBeGreaterThan(0);
    expect(Math.max(...sums)).toBeLessThanOrEqual(500_000);
  });
});

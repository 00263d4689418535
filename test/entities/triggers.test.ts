import { afterAll, beforeAll, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** PL/pgSQL keeps the plan that was made for one row, and masses of rows come later. */
it("compares what was with what is by no nested loop, in every trigger", async () => {
  const comparing = await rows<{ name: string; settings: string[] | null }>(
    database.dataSource,
    `SELECT proname AS name, proconfig AS settings FROM pg_proc
     WHERE prorettype = 'trigger'::regtype AND prosrc ~ '(JOIN|EXCEPT).*\\mstale\\M' ORDER BY proname`,
  );
  expect(comparing.map(({ name }) => name)).toContain("tell_of_changed_store_apps");
  expect(comparing).toEqual(comparing.map(({ name }) => ({ name, settings: ["enable_nestloop=off"] })));
});

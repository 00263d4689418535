import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { countInstallations } from "../../src/queries/installation-counts.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it("counts a deployment's installations from an index alone, without reading one of them", async () => {
  const { dataSource } = database;
  const query = vi.spyOn(dataSource, "query").mockResolvedValueOnce([]);
  await countInstallations(dataSource, [["00000000-0000-4000-8000-000000000000", "1"]]);
  const [text, values] = query.mock.lastCall ?? [];
  query.mockRestore();
  const plan = await dataSource.transaction(async (tx) => {
    for (const way of ["seqscan", "bitmapscan", "indexscan"]) await tx.query(`SET LOCAL enable_${way} = off`);
    const lines: { "QUERY PLAN": string }[] = await tx.query(`EXPLAIN ${text}`, values as unknown[]);
    return lines.map((line) => line["QUERY PLAN"]).join("\n");
  });
  expect(plan).toMatch(/Index Only Scan using installation_of_deployment on installation/);
});

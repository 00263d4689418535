import { expect, it, onTestFinished } from "vitest";
import { row } from "../../../../src/queries/sql.js";
import { isSameDatabase, readServer } from "../../../../src/sync/tokens/claim/server-facts.js";
import { createTestDatabase } from "../../../support/database.js";

it("has come no further with its log than is safe on disk, whatever is being written", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  await database.dataSource.transaction(async (tx) => {
    for (let round = 0; round < 20; round += 1) {
      await tx.query("UPDATE service_identity SET bound_location_name = repeat(md5($1::text), 200)", [round]);
      const { position } = await readServer(tx);
      const safe = await row<{ bytes: string }>(tx, "SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS bytes");
      expect(BigInt(position ?? "-1")).toBeGreaterThan(0n);
      expect(BigInt(position ?? "-1")).toBeLessThanOrEqual(BigInt(safe?.bytes ?? "0"));
    }
  });
});

it.each([
  ["7:5", "7:5", true],
  ["7:5", ":5", true],
  [":5", "7:5", true],
  ["7:5", "8:5", false],
  ["7:5", "7:6", false],
  [":5", ":6", false],
])("takes %s and %s for one database: %s", (one, other, same) => {
  expect(isSameDatabase(one, other)).toBe(same);
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { returnLicenses } from "../../../src/sync/licenses/return-licenses.js";
import { eventually } from "../../support/eventually.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;

beforeAll(async () => {
  world = await createTokenWorld();
});
afterAll(() => world.stop());

it("a licence that we begin to return while a synchronisation ends it is ended by the return, not by somebody else", async () => {
  const { tokenId } = await world.add();
  await world.sync(tokenId);
  const [license] = await world.read<{ id: string; serialNumber: string; adamId: string }>(
    `SELECT license.id, holder_key AS "serialNumber", app.adam_id AS "adamId" FROM license
     JOIN store_app app ON app.token_id = license.token_id AND app.id = license.store_app_id
     WHERE holder_kind = 'DEVICE' AND app.revocable ORDER BY license.id LIMIT 1`,
  );
  if (!license) throw new Error("Nobody holds anything");
  const { adamId, serialNumber } = license;
  await world.control("/unassign", { adamId, serialNumber });

  const returning = world.core.dataSource.createQueryRunner();
  await returning.startTransaction();
  const returned = await returnLicenses(returning.manager, world.core, tokenId, [license.id], "test");
  expect(returned).toEqual(new Set([license.id]));
  const run = world.sync(tokenId);
  await eventually(async () => {
    const [waiting] = await world.read(
      "SELECT 1 FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())",
    );
    return waiting ? true : null;
  });
  await returning.commitTransaction();
  await returning.release();

  expect(await run).toMatchObject({ state: "SUCCEEDED" });
  expect(await world.read("SELECT state, end_cause FROM license WHERE id = $1", [license.id])).toEqual([
    { state: "RETURNING", end_cause: null },
  ]);
  const [counts] = await world.read<{ held: number; open: number }>(
    `SELECT app.held_count AS held, (SELECT count(*)::int FROM license open WHERE open.token_id = app.token_id
                                     AND open.store_app_id = app.id AND open.ended_at IS NULL) AS open
     FROM store_app app WHERE adam_id = $1`,
    [adamId],
  );
  expect(counts?.held).toBe(counts?.open);
});

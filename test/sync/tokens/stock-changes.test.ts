import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode } from "../../../src/entities/sync-run.js";
import { refreshCounts } from "../../../src/sync/tokens/refresh-counts.js";
import { accessToken } from "../../../src/sync/tokens/token-access.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: 4, licenses: 40, users: 2, assigned: 10 } });
  ({ tokenId } = await world.add());
  await world.sync(tokenId);
});

afterEach(() => world.stop());

const changes = () =>
  world.read("SELECT store_app_id AS id, total_before AS before, total_after AS after FROM stock_change ORDER BY id");

async function bought(): Promise<{ id: string; adamId: string; total: number }> {
  const [app] = await world.read<{ id: string; adamId: string; total: number }>(
    `SELECT id, adam_id AS "adamId", total_count AS total FROM store_app WHERE product_type = 'APP' ORDER BY id LIMIT 1`,
  );
  if (!app) throw new Error("There is no app");
  await world.control("/purchase", { adamId: app.adamId, count: 3 });
  return app;
}

it("are none for what the first synchronisation finds", async () => {
  expect(await changes()).toEqual([]);
});

it.each([SyncMode.FULL, SyncMode.DELTA])("are put down once when a %s run finds another total", async (mode) => {
  const { id, total } = await bought();
  await world.sync(tokenId, mode);
  await world.sync(tokenId, mode);
  expect(await changes()).toEqual([{ id, before: total, after: total + 3 }]);
});

it("are put down when single counts are read anew", async () => {
  const { id, total } = await bought();
  const access = await accessToken(world.core, tokenId);
  if (!access) throw new Error("The token has no secret");
  await refreshCounts(world.core, access, [id]);
  await world.sync(tokenId);
  expect(await changes()).toEqual([{ id, before: total, after: total + 3 }]);
});

it("count an app that comes later as bought from nothing", async () => {
  await world.read("UPDATE token SET assets_version_id = 'earlier'");
  const [app] = await world.read<{ id: string; total_count: number }>("SELECT id, total_count FROM store_app LIMIT 1");
  await world.read(
    `SELECT set_config('allotment.deleting_licenses', 'on', true); DELETE FROM store_app WHERE id = ${app?.id}`,
  );
  await world.sync(tokenId, SyncMode.DELTA);
  expect(await changes()).toEqual([{ id: expect.any(String), before: 0, after: app?.total_count }]);
});

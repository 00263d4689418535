import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import type { AssetsPage } from "../../../src/sync/apple/apple-client.js";
import type { Core } from "../../../src/sync/core.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

const APPS = 40;

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: APPS } });
  ({ tokenId } = await world.add());
  await world.sync(tokenId);
});

afterEach(() => world.stop());

/** A full synchronisation with an Apple that answers otherwise about apps. */
async function syncWith(alter: (page: AssetsPage, pageIndex: number) => AssetsPage) {
  const { assets } = world.core.apple;
  const altered: typeof assets = async (access, query) => alter(await assets(access, query), query.pageIndex ?? 0);
  const core: Core = { ...world.core, apple: { ...world.core.apple, assets: altered } };
  const request = { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL };
  const id = await core.dataSource.transaction((tx) => requestSync(tx, core, tokenId, request));
  await syncToken(core, { tokenId });
  const [run] = await world.read("SELECT state, warnings FROM sync_run WHERE id = $1", [id]);
  return run;
}

const unlisted = async () => (await world.read("SELECT id FROM store_app WHERE unlisted_at IS NOT NULL")).length;
const openRuns = () => world.read("SELECT mode, trigger FROM sync_run WHERE ended_at IS NULL");

it("changes nothing when Apple's list is suddenly empty, and believes an equal second read", async () => {
  const emptied = (page: AssetsPage) => ({ ...page, assets: [] });
  expect(await syncWith(emptied)).toMatchObject({ state: "HELD_BACK" });
  expect(await unlisted()).toBe(0);
  expect(await world.read("SELECT message FROM alert WHERE cleared_at IS NULL")).toEqual([
    { message: expect.stringContaining(`${APPS} of ${APPS} apps`) },
  ]);
  expect(await syncWith(emptied)).toMatchObject({ state: "SUCCEEDED" });
  expect(await unlisted()).toBe(APPS);
  expect(await world.read("SELECT id FROM alert WHERE cleared_at IS NULL AND kind = 'LICENSES_SHRINK_HELD'")).toEqual(
    [],
  );
});

it("keeps the holdings of an app that Apple no longer lists, as long as it shows them", async () => {
  const held = "SELECT id FROM license WHERE ended_at IS NULL";
  const before = await world.read(held);
  await syncWith((page) => ({ ...page, assets: page.assets.slice(10) }));
  expect(await unlisted()).toBe(10);
  expect(await world.read(held)).toEqual(before);
});

it("unlists as many apps as may well have gone", async () => {
  await syncWith((page) => ({ ...page, assets: page.assets.slice(20) }));
  expect(await unlisted()).toBe(20);
});

it("unlists nothing by a list that moved while it was read, and looks again", async () => {
  await world.control("/switches", { pageSize: 15 });
  await syncWith((page, pageIndex) =>
    pageIndex === 0 ? page : { ...page, versionId: `${page.versionId}-moved`, assets: page.assets.slice(1) },
  );
  expect(await unlisted()).toBe(0);
  expect(await openRuns()).toEqual([{ mode: "DELTA", trigger: "RECOVERY" }]);
});

it.each([
  ["ends the holdings of an app that is gone from Apple's list with them, in a delta", false],
  ["keeps them in a delta as long as Apple shows them when that app is asked for", true],
])("%s", async (_, keepAssignments) => {
  const [app] = await world.read<{ id: string; adamId: string; held: number }>(
    `SELECT id, adam_id AS "adamId", held_count AS held FROM store_app
     WHERE product_type = 'APP' AND held_count BETWEEN 1 AND 20 ORDER BY id LIMIT 1`,
  );
  await world.control("/remove-app", { adamId: app?.adamId, keepAssignments });
  expect(await world.sync(tokenId, SyncMode.DELTA)).toMatchObject({ state: "SUCCEEDED" });
  expect(await unlisted()).toBe(1);
  const left = await world.read("SELECT id FROM license WHERE store_app_id = $1 AND ended_at IS NULL", [app?.id]);
  expect(left).toHaveLength(keepAssignments ? (app?.held ?? 0) : 0);
  expect(await world.read("SELECT held_count FROM store_app WHERE id = $1", [app?.id])).toEqual([
    { held_count: left.length },
  ]);
});

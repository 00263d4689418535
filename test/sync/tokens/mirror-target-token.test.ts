import { afterEach, beforeEach, expect, test } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import type { Core } from "../../../src/sync/core.js";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { addTarget, prepareTarget } from "../../../src/sync/targets/add-target.js";
import { checkTarget, recordCheck } from "../../../src/sync/targets/check-target.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { resumeToken } from "../../../src/sync/tokens/resume-token.js";
import { suspendToken } from "../../../src/sync/tokens/suspend-token.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { scheduleSync } from "../../../src/sync/watch/schedule-sync.js";
import { groupAssigner } from "../../support/plugins/group-assigner.js";
import { type GroupProduct, startGroupProduct } from "../../support/plugins/group-product.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";

let world: TargetWorld;
let product: GroupProduct;

beforeEach(async () => {
  world = await createTargetWorld([groupAssigner]);
  product = await startGroupProduct();
  product.addApp("100", 50);
  product.addUser("ann");
  product.addDevice("phone", "ann");
});
afterEach(async () => {
  await world.stop();
  await product.stop();
});

const settings = () => ({ url: product.url, apiKey: product.apiKey });

async function addProduct(): Promise<string> {
  const targetId = await world.add("group-assigner", settings(), "Product");
  await importHolders(world.core, { targetId });
  return targetId;
}

async function sync(): Promise<Record<string, unknown>> {
  const [token] = await world.read<{ id: string }>("SELECT id FROM token WHERE authority = 'TARGET'");
  const tokenId = token?.id ?? "";
  const request = { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL };
  const id = await world.core.dataSource.transaction((tx) => requestSync(tx, world.core, tokenId, request));
  await syncToken(world.core, { tokenId });
  const [run] = await world.read<Record<string, unknown>>("SELECT * FROM sync_run WHERE id = $1", [id]);
  return run ?? {};
}

function hold(kind: "user" | "device", ...ids: string[]): void {
  for (const id of ids) product.apps.get("100")?.licenses.set(id, { kind, id });
}

const licenses = () =>
  world.read(
    `SELECT holder_kind AS kind, holder_key AS key, device_id IS NOT NULL AS linked, state, start_cause AS start,
            start_actor AS actor, end_cause AS end FROM license ORDER BY id`,
  );

test("a token of a target is read in the target's turn, and gives way before each call to what is due there", async () => {
  const targetId = await addProduct();
  const jobs = await world.read(
    "SELECT task_identifier, queue_name FROM graphile_worker.jobs WHERE key LIKE 'sync-token:%'",
  );
  expect(jobs).toEqual([{ task_identifier: "sync-token-at-target", queue_name: `${targetId}:calls` }]);
  const served: string[] = [];
  const [token] = await world.read<{ id: string }>("SELECT id FROM token");
  await syncToken(world.core, { tokenId: token?.id ?? "" }, async (_core, id) => void served.push(id));
  expect(new Set(served)).toEqual(new Set([targetId]));
  expect(served.length).toBeGreaterThan(3);
});

test("a target that owns a token brings the token, its apps and who holds what", async () => {
  hold("device", "phone");
  hold("user", "ann");
  await addProduct();
  expect(await sync()).toMatchObject({ state: "SUCCEEDED", trigger: "ADDED", rows_added: 3 });
  expect(await world.read("SELECT authority, name, location_id, health_state FROM token")).toEqual([
    { authority: "TARGET", name: "Head office", location_id: "location-of-group-product", health_state: "ACTIVE" },
  ]);
  expect(
    await world.read("SELECT name, bundle_id, total_count, assigned_count, available_count, held_count FROM store_app"),
  ).toEqual([
    {
      name: "App 100",
      bundle_id: "example.app100",
      total_count: 50,
      assigned_count: 2,
      available_count: 48,
      held_count: 2,
    },
  ]);
  const common = { state: "HELD", start: "SYNC", actor: "target:Product", end: null };
  expect(await licenses()).toEqual([
    { kind: "DEVICE", key: "SERIAL-PHONE", linked: true, ...common },
    { kind: "USER", key: "ann", linked: false, ...common },
  ]);
});

test("what changes at the target later starts and ends as external", async () => {
  hold("device", "phone");
  await addProduct();
  await sync();
  product.apps.get("100")?.licenses.clear();
  hold("user", "ann");
  expect(await sync()).toMatchObject({ state: "SUCCEEDED", rows_added: 1, rows_ended: 1 });
  expect(await licenses()).toMatchObject([
    { key: "SERIAL-PHONE", state: "ENDED", end: "EXTERNAL" },
    { key: "ann", state: "HELD", start: "EXTERNAL" },
  ]);
  expect(await world.read("SELECT DISTINCT end_actor FROM license WHERE ended_at IS NOT NULL")).toEqual([
    { end_actor: "target:Product" },
  ]);
  expect(await world.read("SELECT held_count FROM store_app")).toEqual([{ held_count: 1 }]);
});

test("a loss that is too large to be believed is held back until an equal second run", async () => {
  hold("device", ...Array.from({ length: 30 }, (_, index) => `device-${index}`));
  await addProduct();
  await sync();
  product.apps.get("100")?.licenses.clear();
  expect(await sync()).toMatchObject({ state: "HELD_BACK", rows_ended: 0 });
  expect(await world.read("SELECT held_count FROM store_app")).toEqual([{ held_count: 30 }]);
  expect(await sync()).toMatchObject({ state: "SUCCEEDED", rows_ended: 30 });
});

test("a location that a token here works already is refused, and nothing is stored", async () => {
  await world.read(
    `INSERT INTO token (id, authority, name, platform, secret, location_id, added_at, updated_at, health_since)
     VALUES (gen_random_uuid(), 'SERVICE', 'Ours', 'BUSINESS', 'sealed', 'location-of-group-product', now(), now(), now())`,
  );
  const prepared = await prepareTarget(world.core, { plugin: "group-assigner", name: "Product", settings: settings() });
  const refused = world.core.dataSource.transaction((tx) => addTarget(tx, world.core, prepared));
  await expect(refused).rejects.toMatchObject({
    code: "CONFLICT",
    details: { token: "Ours", targetToken: "Head office" },
  });
  expect(await world.read("SELECT id FROM target")).toEqual([]);
});

test("a second target of the same location shows its token as a duplicate", async () => {
  const targetId = await addProduct();
  await world.read("UPDATE token SET authority = 'SERVICE', secret = 'sealed', target_id = NULL, external_id = NULL");
  const check = await checkTarget(world.core, targetId);
  await world.core.dataSource.transaction((tx) => recordCheck(tx, world.core, targetId, check));
  expect(await world.read("SELECT health_state, location_id FROM token WHERE authority = 'TARGET'")).toEqual([
    { health_state: "DUPLICATE_LOCATION", location_id: null },
  ]);
});

test("nothing is read with a duplicate until the other token has gone", async () => {
  const targetId = await addProduct();
  await world.read("UPDATE token SET authority = 'SERVICE', secret = 'sealed', target_id = NULL, external_id = NULL");
  await world.read("DELETE FROM sync_run");
  await world.read("DELETE FROM graphile_worker._private_jobs");
  const check = await checkTarget(world.core, targetId);
  await world.core.dataSource.transaction((tx) => recordCheck(tx, world.core, targetId, check));
  expect(await world.read("SELECT id FROM sync_run")).toEqual([]);
  expect(await world.read("SELECT key FROM graphile_worker.jobs WHERE key LIKE 'sync-token:%'")).toEqual([]);
  expect(await sync()).toMatchObject({ state: "FAILED", error: expect.stringContaining("same Apple location") });
  expect(await world.read("SELECT id FROM store_app")).toEqual([]);
  await world.read("DELETE FROM token WHERE authority = 'SERVICE'");
  expect(await sync()).toMatchObject({ state: "SUCCEEDED" });
  expect(await world.read("SELECT health_state FROM token")).toEqual([{ health_state: "ACTIVE" }]);
});

test("waiting for a product that still reads from Apple uses up no attempt", async () => {
  await addProduct();
  const { use } = world.core.targets;
  const stillReading = async () => ({ finished: false });
  const core: Core = {
    ...world.core,
    targets: {
      ...world.core.targets,
      use: (id, deadlineMs, work) =>
        use(id, deadlineMs, ({ licenses, ...connection }, signal, hide) =>
          work({ ...connection, ...(licenses && { licenses: { ...licenses, sync: stillReading } }) }, signal, hide),
        ),
    },
  };
  const [token] = await world.read<{ id: string }>("SELECT id FROM token");
  // No patience ends while the test runs.
  await world.read("UPDATE sync_run SET started_at = started_at + interval '1 day'");
  for (let poll = 1; poll <= 5; poll += 1) await syncToken(core, { tokenId: token?.id ?? "" });
  expect(await world.read("SELECT attempts, error, ended_at FROM sync_run")).toEqual([
    { attempts: 0, error: null, ended_at: null },
  ]);
  await world.read("UPDATE target SET settings = jsonb_build_object('url', 'http://127.0.0.1:9')");
  expect(await sync()).toMatchObject({ state: "QUEUED", ended_at: null });
});

test("a run is put off while the product is away, and ends as failed when it refuses", async () => {
  const targetId = await addProduct();
  await world.read("UPDATE target SET settings = jsonb_build_object('url', 'http://127.0.0.1:9') WHERE id = $1", [
    targetId,
  ]);
  expect(await sync()).toMatchObject({
    state: "QUEUED",
    ended_at: null,
    error: expect.stringMatching(/cannot be reached/),
  });
  await world.read("UPDATE target SET settings = jsonb_build_object('url', $2::text) WHERE id = $1", [
    targetId,
    `${product.url}/nowhere`,
  ]);
  expect(await sync()).toMatchObject({ state: "FAILED" });
});

test("a token of the product that was paused works again as soon as the product has confirmed it", async () => {
  await addProduct();
  await sync();
  const [token] = await world.read<{ id: string }>("SELECT id FROM token");
  const tokenId = token?.id ?? "";
  const health = async () => (await world.read<{ state: string }>("SELECT health_state AS state FROM token"))[0]?.state;
  await world.core.dataSource.transaction((tx) => suspendToken(tx, world.core, tokenId, "key:admin"));
  await world.read("DELETE FROM graphile_worker._private_jobs");
  await world.core.dataSource.transaction((tx) => resumeToken(tx, world.core, tokenId));
  expect(await health()).toBe("UNVERIFIED");
  expect(await world.read("SELECT key FROM graphile_worker.jobs")).toEqual([{ key: `schedule-sync:${tokenId}:now` }]);
  await scheduleSync(world.core, { tokenId });
  await syncToken(world.core, { tokenId });
  expect(await health()).toBe("ACTIVE");
});

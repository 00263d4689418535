import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encodeGlobalId } from "../../../src/entities/global-id.js";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { mergeDevices } from "../../../src/sync/holders/merge-holders.js";
import { requestImport } from "../../../src/sync/holders/request-import.js";
import { eventually } from "../../support/eventually.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";
import { forgetAll } from "./forget-all.js";
import { collectionRecord, deviceRecord, scriptedListing, userRecord } from "./scripted-listing.js";
import { forgetJobs, refreshedCollections, useCollection } from "./use-collection.js";

const first = scriptedListing("first");
const second = scriptedListing("second");
let world: TargetWorld;
let firstId: string;
let secondId: string;

beforeAll(async () => {
  world = await createTargetWorld([first.plugin, second.plugin]);
});
afterAll(() => world.stop());

beforeEach(async () => {
  await forgetAll(world);
  for (const { listing } of [first, second]) {
    Object.assign(listing, { user: [], device: [], collection: [], failsAt: null });
    listing.complete = { user: true, device: true, collection: true };
  }
  firstId = await world.add("first", {}, "First");
  secondId = await world.add("second", {}, "Second");
});

const runImport = (targetId = firstId) => importHolders(world.core, { targetId });
const confirm = (targetId = firstId) =>
  world.core.dataSource.transaction((tx) => requestImport(tx, world.core, targetId, { confirmShrink: true }));

const devices = (count: number) => Array.from({ length: count }, (_, index) => deviceRecord(`d${index}`));

async function states(): Promise<Record<string, number>> {
  const found = await world.read<{ state: string; count: number }>(
    "SELECT state, count(*)::int FROM device GROUP BY 1",
  );
  return Object.fromEntries(found.map(({ state, count }) => [state, count]));
}

async function openAlerts(): Promise<string[]> {
  const found = await world.read<{ kind: string }>("SELECT kind FROM alert WHERE cleared_at IS NULL");
  return found.map(({ kind }) => kind);
}

async function waitsForLock(): Promise<void> {
  await eventually(async () => {
    const waiting = await world.read(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return waiting.length > 0 ? true : null;
  });
}

describe("a loss that is held back", () => {
  beforeEach(async () => {
    first.listing.device = devices(40);
    await runImport();
    first.listing.device = devices(10);
    await runImport();
  });

  test("stays so, with its alert, after a listing that shows nothing of it", async () => {
    first.listing.complete.device = false;
    await runImport();
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
    expect(await world.read("SELECT shrink_held_at IS NOT NULL AS held FROM target WHERE id = $1", [firstId])).toEqual([
      { held: true },
    ]);
  });

  test("keeps its confirmation for the next complete listing", async () => {
    await confirm();
    first.listing.complete.device = false;
    await runImport();
    expect(await states()).toEqual({ ENROLLED: 40 });
    first.listing.complete.device = true;
    await runImport();
    expect(await states()).toEqual({ ENROLLED: 10, DELETED: 30 });
    expect(await openAlerts()).toEqual([]);
  });

  test("is over once it is confirmed, also while a listing comes to its end", async () => {
    const { dataSource } = world.core;
    let importing: Promise<void> | null = null;
    await dataSource.transaction(async (tx) => {
      await requestImport(tx, world.core, firstId, { confirmShrink: true });
      importing = runImport();
      await waitsForLock();
    });
    await importing;
    await runImport();
    expect(await states()).toEqual({ ENROLLED: 10, DELETED: 30 });
  });
});

describe("a mirrored collection", () => {
  test("is not shrunk by an alert of another kind", async () => {
    first.listing.device = devices(40);
    first.listing.collection = [
      collectionRecord(
        "all",
        "device",
        devices(40).map(({ externalId }) => externalId),
      ),
    ];
    await runImport();
    const [collection] = await world.read<{ id: string }>("SELECT id FROM collection");
    await world.read(
      "INSERT INTO alert (id, kind, subject, message, raised_at) VALUES (gen_random_uuid(), 'COUNT_MISMATCH', $1, 'x', now())",
      [encodeGlobalId("Collection", collection?.id ?? "")],
    );
    first.listing.collection = [collectionRecord("all", "device", [])];
    await runImport();
    expect(await world.read("SELECT count(*)::int FROM collection_member")).toEqual([{ count: 40 }]);
    expect((await openAlerts()).sort()).toEqual(["COUNT_MISMATCH", "MEMBERS_SHRINK_HELD"]);
  });
});

describe("a device that two targets know", () => {
  beforeEach(async () => {
    first.listing.device = [deviceRecord("phone")];
    second.listing.device = [deviceRecord("4711", { serial: "serial-phone", name: "phone" })];
    await runImport();
    await runImport(secondId);
  });

  test("is gone when neither lists it any more, and back with the first that does", async () => {
    first.listing.device = [];
    await runImport();
    expect(await states()).toEqual({ ENROLLED: 1 });
    second.listing.device = [];
    await runImport(secondId);
    expect(await states()).toEqual({ DELETED: 1 });
    first.listing.device = [deviceRecord("phone")];
    await runImport();
    expect(await states()).toEqual({ ENROLLED: 1 });
    first.listing.device = [];
    await runImport();
    expect(await states()).toEqual({ DELETED: 1 });
  });

  test("is gone at the one that reports an end, which changes nothing when it is told again", async () => {
    second.listing.device = [deviceRecord("4711", { serial: "serial-phone", lastSeenAt: new Date() })];
    await runImport(secondId);
    first.listing.device = [deviceRecord("phone", { state: "wiped" })];
    await runImport();
    const names = () =>
      world.read("SELECT external_id, gone_at IS NOT NULL AS gone, xmin FROM holder_alias ORDER BY external_id");
    const told = await names();
    expect(told).toMatchObject([
      { external_id: "4711", gone: false },
      { external_id: "phone", gone: true },
    ]);
    expect(await states()).toEqual({ ENROLLED: 1 });
    await runImport();
    expect(await names()).toEqual(told);
  });

  test("is described by the one that still lists it", async () => {
    first.listing.user = [userRecord("ann")];
    first.listing.device = [deviceRecord("phone", { userExternalId: "ann" })];
    await runImport();
    first.listing.device = [];
    await runImport();
    await runImport(secondId);
    expect(await world.read("SELECT user_id FROM device")).toEqual([{ user_id: null }]);
  });

  test("does not count as a loss of the one that hands it over", async () => {
    first.listing.device = devices(40);
    second.listing.device = devices(40);
    await runImport();
    await runImport(secondId);
    first.listing.device = [];
    await runImport();
    expect(await openAlerts()).toEqual([]);
    second.listing.device = [];
    await runImport(secondId);
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
    expect(await states()).toMatchObject({ ENROLLED: 40 });
  });
});

describe("a faulty listing is held back", () => {
  /** Has an app installed on all devices through the first target. */
  async function install(): Promise<void> {
    first.listing.collection = [
      collectionRecord(
        "all",
        "device",
        devices(1).map(({ externalId }) => externalId),
      ),
    ];
    await runImport();
    const [collection] = await world.read<{ id: string }>("SELECT id FROM collection");
    await useCollection(world, collection?.id ?? "", firstId);
    await world.read(
      `INSERT INTO installation (token_id, deployment_id, store_app_id, target_id, device_id, want, state, state_at, queued_at, created_at)
       SELECT deployment.token_id, deployment.id, store_app_id, target_id, device.id, 'PRESENT', 'INSTALLED', now(), now(), now()
       FROM deployment, device`,
    );
    first.listing.collection = [];
  }

  test("though another target knows the devices, where apps are installed through this one", async () => {
    first.listing.device = devices(40);
    second.listing.device = devices(40);
    await runImport(secondId);
    await install();
    first.listing.device = [];
    await runImport();
    expect(await openAlerts()).toContain("MEMBERS_SHRINK_HELD");
    expect(await world.read("SELECT count(*)::int FROM holder_alias WHERE gone_at IS NOT NULL")).toEqual([
      { count: 0 },
    ]);
  });

  test("though each device has two names, which both are missing", async () => {
    const twice = devices(40).map((device) => ({ ...device, externalId: `${device.externalId} again` }));
    first.listing.device = devices(40);
    await runImport();
    await world.core.dataSource.transaction((tx) => mergeDevices(tx, world.core, firstId, twice));
    first.listing.device = [];
    await runImport();
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
    expect(await states()).toEqual({ ENROLLED: 40 });
  });
});

test("Devices that went one by one, as a webhook told, are no loss of the listing that no longer has them", async () => {
  first.listing.device = devices(40);
  await runImport();
  const deleted = devices(30).map((device) => ({ ...device, state: "deleted" as const }));
  await world.core.dataSource.transaction((tx) => mergeDevices(tx, world.core, firstId, deleted));
  first.listing.device = devices(40).slice(30);
  await runImport();
  expect(await states()).toEqual({ ENROLLED: 10, DELETED: 30 });
  expect(await openAlerts()).toEqual([]);
});

test("A device that is gone has its collections looked at", async () => {
  first.listing.device = devices(2);
  first.listing.collection = [collectionRecord("all", "device", ["d0", "d1"])];
  await runImport();
  const [collection] = await world.read<{ id: string }>("SELECT id FROM collection");
  await useCollection(world, collection?.id ?? "", firstId);
  await forgetJobs(world);
  first.listing.device = devices(1);
  await runImport();
  expect(await refreshedCollections(world)).toEqual([collection?.id]);
});

test("An import tells what is gone only after a merge that another target has begun", async () => {
  first.listing.device = devices(2);
  first.listing.collection = [collectionRecord("all", "device", ["d0", "d1"])];
  await runImport();
  const [collection] = await world.read<{ id: string }>("SELECT id FROM collection");
  await useCollection(world, collection?.id ?? "", firstId);
  first.listing.device = [];
  first.listing.collection = [collectionRecord("all", "device", [])];
  const told = (fields: object) => [deviceRecord("4711", { serial: "serial-d1", lastSeenAt: new Date(), ...fields })];
  second.listing.device = told({});
  await runImport(secondId);
  await forgetJobs(world);
  let importing: Promise<void> | null = null;
  await world.core.dataSource.transaction(async (tx) => {
    await mergeDevices(tx, world.core, secondId, told({ name: "renamed" }));
    importing = runImport();
    await waitsForLock();
    await mergeDevices(tx, world.core, secondId, told({ name: "renamed", platform: "macOS" }));
  });
  await importing;
  expect(await states()).toEqual({ ENROLLED: 1, DELETED: 1 });
});

import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeviceNews } from "../../../src/plugins/contract.js";
import { mergeDevices, mergeUsers } from "../../../src/sync/holders/merge-holders.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "../targets/target-world.js";

let world: TargetWorld;
let targetId: string;
beforeEach(async () => {
  world = await createTargetWorld([pluginWith({})]);
  targetId = await world.add("scripted", {});
});
afterEach(() => world.stop());

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));
const merge = (...news: DeviceNews[]) =>
  world.core.dataSource.transaction((tx) => mergeDevices(tx, world.core, targetId, news));

async function device(): Promise<unknown> {
  const [found] = await world.read(
    `SELECT device.serial, device.name, device.platform, device.state, device.last_seen_at AS seen, alias.udid,
            device.user_id IS NOT NULL AS "hasUser"
     FROM device JOIN holder_alias alias ON alias.device_id = device.id`,
  );
  return found;
}

const told: DeviceNews = {
  externalId: "d",
  serial: "SERIAL",
  udid: "UDID",
  name: "Phone",
  platform: "iOS",
  state: "retired",
  lastSeenAt: at(1),
};

test("what an event does not tell of a device stays as it is known", async () => {
  await merge(told);
  await merge({ externalId: "d", state: "enrolled", lastSeenAt: at(2) });
  expect(await device()).toEqual({
    serial: "SERIAL",
    name: "Phone",
    platform: "iOS",
    state: "ENROLLED",
    seen: at(2),
    udid: "UDID",
    hasUser: false,
  });
});

test("null says that there is none", async () => {
  await merge(told);
  await merge({ externalId: "d", name: null, state: "enrolled", lastSeenAt: at(2) });
  expect(await device()).toMatchObject({ serial: "SERIAL", name: null });
});

test("an event that comes late fills in what is not known, and changes nothing else", async () => {
  await merge({ externalId: "d", udid: "UDID", state: "enrolled", lastSeenAt: at(2) });
  await merge({ ...told, udid: "ANOTHER" });
  expect(await device()).toMatchObject({
    serial: "SERIAL",
    platform: "iOS",
    udid: "UDID",
    state: "ENROLLED",
    seen: at(2),
  });
});

test("a device keeps its user while only its state is told", async () => {
  const user = { externalId: "u", principalName: null, displayName: "Ann", email: null, managedAppleId: null };
  await world.core.dataSource.transaction((tx) => mergeUsers(tx, world.core, targetId, [user]));
  await merge({ ...told, state: "enrolled", userExternalId: "u" });
  await merge({ externalId: "d", state: "enrolled", lastSeenAt: at(2) });
  expect(await device()).toMatchObject({ hasUser: true });
});

test("of several news of one device in one go each completes the one before", async () => {
  await merge(told, { externalId: "d", state: "enrolled", lastSeenAt: at(2) });
  expect(await device()).toMatchObject({ serial: "SERIAL", name: "Phone", state: "ENROLLED" });
});

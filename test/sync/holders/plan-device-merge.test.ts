import { expect, test } from "vitest";
import { DeviceState } from "../../../src/entities/device.js";
import type { DeviceRecord } from "../../../src/plugins/contract.js";
import { type DeviceRow, type KnownDevices, planDeviceMerge } from "../../../src/sync/holders/plan-device-merge.js";
import { deviceRecord } from "./scripted-listing.js";

const NOTHING: KnownDevices = { devices: [], aliases: [], userIds: new Map() };

function ids(): () => string {
  let last = 0;
  return () => `new-${++last}`;
}

function known(fields: Partial<DeviceRow> = {}, gone = false): KnownDevices {
  const device: DeviceRow = {
    id: "ours",
    serial: "SERIAL-A",
    name: "a",
    platform: "iOS",
    userId: null,
    state: DeviceState.ENROLLED,
    lastSeenAt: null,
    aliases: 1,
    aliasesHere: 1,
    homeAliasId: "1",
    ...fields,
  };
  const alias = { id: "1", externalId: "a", deviceId: "ours", serial: device.serial, udid: null, gone };
  return { devices: [device], aliases: [alias], userIds: new Map([["u", "user-of-ours"]]) };
}

test("a device whose record has not changed is not written", () => {
  const plan = planDeviceMerge([deviceRecord("a", { serial: "SERIAL-A" })], known(), ids());
  expect(plan).toMatchObject({ newDevices: [], changedDevices: [], newAliases: [], changedAliases: [], moves: [] });
  expect(plan.concernedDevices.size).toBe(0);
});

test("serials that differ only in case and spaces are one device", () => {
  const plan = planDeviceMerge(
    [deviceRecord("a", { serial: "abc1" }), deviceRecord("b", { serial: " ABC1 " })],
    NOTHING,
    ids(),
  );
  expect(plan.newDevices.map(({ serial }) => serial)).toEqual(["ABC1"]);
  expect(plan.newAliases.map(({ deviceId }) => deviceId)).toEqual(["new-1", "new-1"]);
});

test("devices without a serial are never one device", () => {
  const records = [deviceRecord("a", { serial: null }), deviceRecord("b", { serial: "  " })];
  expect(planDeviceMerge(records, NOTHING, ids()).newDevices).toHaveLength(2);
});

test("a device that gets its serial later stays the same device", () => {
  const plan = planDeviceMerge([deviceRecord("a", { serial: "SERIAL-A" })], known({ serial: null }), ids());
  expect(plan.changedDevices).toMatchObject([{ id: "ours", serial: "SERIAL-A" }]);
  expect(plan.newDevices).toEqual([]);
});

test("another serial under the same id is another device, and the old one counts as deleted", () => {
  const plan = planDeviceMerge([deviceRecord("a", { serial: "SERIAL-B" })], known(), ids());
  expect(plan.newDevices).toMatchObject([{ id: "new-1", serial: "SERIAL-B", state: DeviceState.ENROLLED }]);
  expect(plan.changedDevices).toMatchObject([{ id: "ours", state: DeviceState.DELETED }]);
  expect(plan.changedAliases).toMatchObject([{ id: "1", deviceId: "new-1", serial: "SERIAL-B" }]);
  expect(plan.moves).toEqual([{ from: "ours", to: "new-1" }]);
});

test("a target loses the name of a device that it gives to another one, and of one that is gone only there", () => {
  const losesNames = (device: Partial<DeviceRow>, record: Partial<DeviceRecord>) =>
    planDeviceMerge([deviceRecord("a", { serial: "SERIAL-A", ...record })], known(device), ids()).losesNames;
  const elsewhere = { aliases: 2, lastSeenAt: at(5) };
  expect(losesNames(elsewhere, { serial: "SERIAL-B" })).toBe(true);
  expect(losesNames(elsewhere, { state: "wiped", lastSeenAt: at(4) })).toBe(true);
  expect(losesNames(elsewhere, { lastSeenAt: at(4) })).toBe(false);
  expect(losesNames({}, { serial: "SERIAL-B" })).toBe(false);
});

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));

test("of two targets the one that saw the device last decides about it", () => {
  const seen = known({ aliases: 2, lastSeenAt: at(5) });
  const older = planDeviceMerge(
    [deviceRecord("a", { serial: "SERIAL-A", state: "wiped", lastSeenAt: at(4) })],
    seen,
    ids(),
  );
  expect(older.changedDevices).toEqual([]);
  const newer = planDeviceMerge(
    [deviceRecord("a", { serial: "SERIAL-A", state: "wiped", lastSeenAt: at(6) })],
    known({ aliases: 2, lastSeenAt: at(5) }),
    ids(),
  );
  expect(newer.changedDevices).toMatchObject([{ state: DeviceState.WIPED, lastSeenAt: at(6) }]);
});

test("an end that a target tells of, where another has seen the device since, is one for that target alone", () => {
  const wiped = deviceRecord("a", { serial: "SERIAL-A", state: "wiped", lastSeenAt: at(4) });
  const told = planDeviceMerge([wiped], known({ aliases: 2, lastSeenAt: at(5) }), ids());
  expect(told.changedDevices).toEqual([]);
  expect(told.changedAliases).toMatchObject([{ id: "1", gone: true }]);
  expect([...told.concernedDevices]).toEqual(["ours"]);

  const again = planDeviceMerge([wiped], known({ lastSeenAt: at(5) }, true), ids());
  expect(again).toMatchObject({ changedDevices: [], changedAliases: [] });
  expect(again.concernedDevices.size).toBe(0);

  const back = planDeviceMerge(
    [{ ...wiped, state: "enrolled" }],
    known({ aliases: 2, lastSeenAt: at(5) }, true),
    ids(),
  );
  expect(back.changedAliases).toMatchObject([{ id: "1", gone: false }]);
  expect([...back.concernedDevices]).toEqual(["ours"]);
});

test("an end that every target tells of is one of the device, also where none says when it saw the device", () => {
  const retired = [deviceRecord("a", { serial: "SERIAL-A", state: "retired" })];
  const first = planDeviceMerge(retired, known({ aliases: 2 }), ids());
  expect(first).toMatchObject({ changedDevices: [], changedAliases: [{ gone: true }] });
  const last = planDeviceMerge(retired, known(), ids());
  expect(last).toMatchObject({ changedDevices: [{ state: DeviceState.RETIRED, lost: true }], changedAliases: [] });
});

test("a new name that is told of with an end, where another target has the device, is gone from the start", () => {
  const plan = planDeviceMerge(
    [deviceRecord("b", { serial: "SERIAL-A", state: "deleted", lastSeenAt: at(4) })],
    { ...known({ aliasesHere: 0, lastSeenAt: at(5) }), aliases: [] },
    ids(),
  );
  expect(plan).toMatchObject({ changedDevices: [], newAliases: [{ externalId: "b", deviceId: "ours", gone: true }] });
});

test("a device that is back after its end is back with the target that tells so, and with no other", () => {
  const enrolled = [deviceRecord("a", { serial: "SERIAL-A", lastSeenAt: at(6) })];
  const fields = { aliases: 2, lastSeenAt: at(5) };
  expect(planDeviceMerge(enrolled, known({ ...fields, state: DeviceState.WIPED }), ids()).returned).toEqual(["ours"]);
  expect(planDeviceMerge(enrolled, known(fields), ids()).returned).toEqual([]);
});

test("a target that knows no user does not take away the one another target told of", () => {
  const plan = planDeviceMerge(
    [deviceRecord("a", { serial: "SERIAL-A", lastSeenAt: new Date() })],
    known({ aliases: 2, userId: "user-of-ours" }),
    ids(),
  );
  expect(plan.changedDevices).toMatchObject([{ userId: "user-of-ours" }]);
});

test("a change of user concerns both users", () => {
  const plan = planDeviceMerge(
    [deviceRecord("a", { serial: "SERIAL-A", userExternalId: "u" })],
    known({ userId: "former-user" }),
    ids(),
  );
  expect([...plan.concernedUsers]).toEqual(["former-user", "user-of-ours"]);
  expect([...plan.concernedDevices]).toEqual(["ours"]);
});

test("a user the target has not told of yet does not take the present one away", () => {
  const plan = planDeviceMerge(
    [deviceRecord("a", { serial: "SERIAL-A", userExternalId: "unheard-of" })],
    known({ userId: "user-of-ours" }),
    ids(),
  );
  expect(plan.changedDevices).toEqual([]);
});

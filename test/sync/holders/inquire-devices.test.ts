import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type DeviceNews, type Inquiry, PluginError } from "../../../src/plugins/contract.js";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { mergeDevices } from "../../../src/sync/holders/merge-holders.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "../targets/target-world.js";
import { forgetAll } from "./forget-all.js";

const asked: Inquiry[] = [];
let fails = false;
const curious = pluginWith({
  inquire: async (inquiries) => {
    asked.push(...inquiries);
    if (fails) throw new PluginError("transient", "The product is busy.");
  },
});
let world: TargetWorld;
let targetId: string;

beforeAll(async () => {
  world = await createTargetWorld([curious]);
});
afterAll(() => world.stop());

beforeEach(async () => {
  await forgetAll(world);
  asked.length = 0;
  fails = false;
  targetId = await world.add("scripted", {});
});

const known = (...news: DeviceNews[]) =>
  world.core.dataSource.transaction((tx) => mergeDevices(tx, world.core, targetId, news));
const runImport = () => importHolders(world.core, { targetId });
const device = (externalId: string, fields: Partial<DeviceNews> = {}): DeviceNews => ({
  externalId,
  udid: `UDID-${externalId}`,
  state: "enrolled",
  lastSeenAt: null,
  ...fields,
});

test("asks the devices whose serial numbers nobody has told, and no others", async () => {
  await known(
    device("phone"),
    device("tablet", { serial: "TABLET" }),
    device("gone", { state: "retired" }),
    device("private", { udid: null }),
  );
  await runImport();
  expect(asked.map((inquiry) => inquiry.device)).toEqual([{ externalId: "phone", udid: "UDID-phone" }]);
});

test("asks each once a week until it has answered", async () => {
  await known(device("phone"));
  await runImport();
  await runImport();
  expect(asked).toHaveLength(1);
  await world.read("UPDATE holder_alias SET inquired_at = inquired_at - interval '8 days'");
  await runImport();
  expect(asked).toHaveLength(2);
  expect(asked[1]?.key).not.toBe(asked[0]?.key);
  await known(device("phone", { serial: "PHONE" }));
  await world.read("UPDATE holder_alias SET inquired_at = inquired_at - interval '8 days'");
  await runImport();
  expect(asked).toHaveLength(2);
});

test("asks again with the same key where it is not known whether the device was asked", async () => {
  await known(device("phone"));
  fails = true;
  await runImport();
  const failure = () => world.read("SELECT import_error AS error FROM target");
  expect(await failure()).toEqual([{ error: "The product is busy." }]);
  fails = false;
  await runImport();
  expect(await failure()).toEqual([{ error: null }]);
  expect(asked.map(({ key }) => key)).toEqual([asked[0]?.key, asked[0]?.key]);
});

test("asks thousands in several calls, each once", async () => {
  await known(...Array.from({ length: 1201 }, (_, index) => device(String(index))));
  await runImport();
  expect(asked).toHaveLength(1201);
  expect(new Set(asked.map(({ key }) => key)).size).toBe(1201);
});

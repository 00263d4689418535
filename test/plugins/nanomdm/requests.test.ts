import { parse } from "plist";
import { describe, expect, test } from "vitest";
import type { StepOutcome } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { ADAM_ID, BUNDLE_ID, type MdmTarget, startMdmTarget } from "./mdm-target.js";

/** The requests as the simulator got them, compared with what the servers' documentation and Apple's ask for. */

const UUID = /^allotment\.[ir]\.[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.[0-9a-f]{12}/;

/** The commands that were sent, without their CommandUUIDs. */
function commands({ simulator }: MdmTarget): unknown[] {
  return simulator.world.requests.entries
    .filter(({ body }) => body.startsWith("<?xml"))
    .map(({ body }) => (parse(body) as { Command: unknown }).Command);
}

function uuids({ simulator }: MdmTarget): string[] {
  return simulator.world.requests.entries
    .filter(({ body }) => body.startsWith("<?xml"))
    .map(({ body }) => (parse(body) as { CommandUUID: string }).CommandUUID);
}

const handleOf = (outcome: StepOutcome | undefined) => (outcome?.outcome === "accepted" ? outcome.handle : "");

describe.each(["nanomdm", "micromdm"] as const)("%s is sent", (flavour) => {
  test("an install by a licence, managed, that goes with the management", async () => {
    const target = await startMdmTarget({ flavour });
    await target.apply(target.step(0));
    expect(commands(target)).toEqual([
      {
        RequestType: "InstallApplication",
        iTunesStoreID: Number(ADAM_ID),
        Options: { PurchaseMethod: 1 },
        ManagementFlags: 1,
        ChangeManagementState: "Managed",
      },
    ]);
  });

  test("an install on a Mac as managed, and of an app for iPhones as such", async () => {
    const target = await startMdmTarget({ flavour, kinds: ["Mac"] });
    const { app } = target.step(0);
    await target.apply(target.step(0, { app: { ...app, platforms: ["macOS"] } }));
    await target.apply(target.step(0, { app: { ...app, platforms: ["iOS"] } }));
    expect(commands(target)).toMatchObject([
      { InstallAsManaged: true },
      { InstallAsManaged: true, iOSApp: true, iTunesStoreID: Number(ADAM_ID) },
    ]);
    expect(commands(target)[0]).not.toHaveProperty("iOSApp");
  });

  test("an install as managed also where the platform is not known", async () => {
    const target = await startMdmTarget({ flavour });
    const { device } = target.step(0);
    await target.apply(target.step(0, { device: { ...device, platform: null } }));
    expect(commands(target)).toMatchObject([{ InstallAsManaged: true }]);
  });

  test("what the settings say of taking over, of the management's end and of backups", async () => {
    const settings = { takeOverApps: false, removeWithManagement: false, preventBackup: true };
    const target = await startMdmTarget({ flavour }, settings);
    await target.apply(target.step(0));
    const [install] = commands(target);
    expect(install).toMatchObject({ ManagementFlags: 4 });
    expect(install).not.toHaveProperty("ChangeManagementState");
  });

  test("no take-over under User Enrollment, which has none", async () => {
    const target = await startMdmTarget({ flavour, kinds: ["UserEnrollment"] });
    await target.apply(target.step(0));
    expect(commands(target)[0]).not.toHaveProperty("ChangeManagementState");
  });

  test("a removal by the app's bundle id", async () => {
    const target = await startMdmTarget({ flavour });
    await target.apply(target.step(0, { action: "remove" }));
    expect(commands(target)).toEqual([{ RequestType: "RemoveApplication", Identifier: BUNDLE_ID }]);
  });

  test("a list of the app alone, when its step is looked after", async () => {
    const target = await startMdmTarget({ flavour });
    const handle = handleOf(await target.apply(target.step(0)));
    await target.apply(target.step(0, { action: "verify", handle }));
    expect(commands(target)[1]).toEqual({ RequestType: "ManagedApplicationList", Identifiers: [BUNDLE_ID] });
  });

  test("CommandUUIDs that are made of the step, and fit", async () => {
    const target = await startMdmTarget({ flavour });
    const long = target.step(0, { key: "k".repeat(120) });
    const handle = handleOf(await target.apply(long));
    await target.apply({ ...long, key: "v".repeat(120), action: "verify", handle });
    await target.apply(target.step(0, { action: "remove" }));
    const sent = uuids(target);
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(3);
    for (const uuid of sent) {
      expect(uuid).toMatch(UUID);
      expect(uuid.length).toBeLessThanOrEqual(127);
    }
  });
});

test("NanoMDM is sent a question for the serial number, once for the same key, and its answer is read", async () => {
  const target = await startMdmTarget({ devices: 1 });
  await target.readings();
  const inquiry = { key: "inquiry", device: { externalId: target.id(0), udid: target.id(0) } };
  for (let time = 0; time < 2; time += 1) await target.connection.inquire?.([inquiry], CALM);
  expect(commands(target)[0]).toEqual({
    RequestType: "DeviceInformation",
    Queries: ["SerialNumber", "DeviceName", "ProductName"],
  });
  expect(await target.readings()).toMatchObject([
    { devices: [{ externalId: target.id(0), serial: "NANO00000001", platform: "iOS" }], statuses: [] },
  ]);
});

test("NanoMDM gets each command by PUT without a push, then one push for all devices", async () => {
  const target = await startMdmTarget({ devices: 2 });
  await target.connection.apply([target.step(0), target.step(1), target.step(0)], CALM);
  const [a, b] = [target.id(0), target.id(1)];
  const puts = [`PUT /v1/enqueue/${a}?nopush=1`, `PUT /v1/enqueue/${b}?nopush=1`, `PUT /v1/enqueue/${a}?nopush=1`];
  expect(target.requests().slice(0, 3).sort()).toEqual(puts.sort());
  expect(target.requests().slice(3)).toEqual([`GET /v1/push/${a},${b}`]);
  expect(target.simulator.world.requests.entries[0]?.contentType).toBe("application/xml");
});

test("NanoMDM is pushed for a hundred devices at a time", async () => {
  const target = await startMdmTarget({ devices: 250 });
  await target.connection.apply(
    Array.from({ length: 250 }, (_, index) => target.step(index)),
    CALM,
  );
  expect(target.requests("/v1/push/").map((request) => request.split(",").length)).toEqual([100, 100, 50]);
});

test("MicroMDM gets each command by POST to its device, once it is known that it is not queued", async () => {
  const target = await startMdmTarget({ flavour: "micromdm" });
  await target.apply(target.step(0));
  expect(target.requests()).toEqual([`GET /v1/commands/${target.id(0)}`, `POST /v1/commands/${target.id(0)}`]);
});

test("the user of an API key is the product's name", async () => {
  for (const flavour of ["nanomdm", "micromdm"] as const) {
    const target = await startMdmTarget({ flavour, apiKey: "key:with colon ü" });
    expect(await target.connection.check(CALM)).toMatchObject({ ok: true });
  }
});

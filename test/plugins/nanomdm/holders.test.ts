import { describe, expect, test } from "vitest";
import type { HolderPage } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { type MdmTarget, readEvent, startMdmTarget } from "./mdm-target.js";

/** All that the events so far tell of devices, oldest first. */
function devicesTold({ simulator, connection }: MdmTarget) {
  return simulator.world.webhook.events.flatMap((event) => readEvent(connection, event).devices);
}

describe.each([
  ["NanoMDM", "nanomdm", true],
  ["an older NanoMDM, whose events have no ids", "nanomdm", false],
  ["MicroMDM", "micromdm", false],
] as const)("of %s", (_, flavour, webhookIds) => {
  const options = { flavour, switches: { webhookIds } };

  test("a device becomes known as it enrols, and is managed from its first token on", async () => {
    const target = await startMdmTarget({ ...options, devices: 1 });
    expect(devicesTold(target)).toEqual([
      {
        externalId: target.id(0),
        serial: "NANO00000001",
        udid: target.id(0),
        name: "iPhone NANO00000001",
        platform: "iOS",
        state: "retired",
        lastSeenAt: expect.any(Date),
      },
      { externalId: target.id(0), udid: target.id(0), state: "enrolled", lastSeenAt: expect.any(Date) },
    ]);
  });

  test("a Mac's user is the device's, without a name that could be another's", async () => {
    const target = await startMdmTarget({ ...options, devices: 1, kinds: ["Mac"] });
    const { events } = target.simulator.world.webhook;
    const reading = readEvent(target.connection, events.at(-1) as (typeof events)[number]);
    const [user] = reading.users;
    expect(user).toMatchObject({ principalName: null, displayName: "Person user1", managedAppleId: null });
    expect(user?.externalId).toMatch(new RegExp(`^${target.id(0)}:[0-9A-F-]{36}$`));
    expect(reading.devices).toMatchObject([{ externalId: target.id(0), userExternalId: user?.externalId }]);
    expect(devicesTold(target)[0]).toMatchObject({ platform: "macOS" });
  });

  test("a Shared iPad has people by their Managed Apple Account, and belongs to none", async () => {
    const target = await startMdmTarget({ ...options, devices: 1, kinds: ["SharedIPad"] });
    await target.control("/sign-in", { device: target.id(0), account: "bob@example.com" });
    const { events } = target.simulator.world.webhook;
    const reading = readEvent(target.connection, events.at(-1) as (typeof events)[number]);
    expect(reading.users).toEqual([
      {
        externalId: `${target.id(0)}:bob@example.com`,
        principalName: "bob@example.com",
        displayName: "Person bob@example.com",
        email: "bob@example.com",
        managedAppleId: "bob@example.com",
      },
    ]);
    expect(devicesTold(target).some((device) => device.userExternalId)).toBe(false);
  });

  test("a device under User Enrollment is known by the enrolment's id alone", async () => {
    const target = await startMdmTarget({ ...options, devices: 1, kinds: ["UserEnrollment"] });
    const [device] = devicesTold(target);
    expect(device).toMatchObject({ externalId: target.id(0), state: "retired" });
    expect(device).not.toHaveProperty("serial");
    expect(device).not.toHaveProperty("udid");
  });

  test("a device that checks out is no longer managed", async () => {
    const target = await startMdmTarget(options);
    await target.readings();
    await target.control("/check-out", { device: target.id(0) });
    expect(await target.readings()).toMatchObject([{ devices: [{ externalId: target.id(0), state: "retired" }] }]);
  });

  test("one that asks for work is managed, whatever check-in was lost", async () => {
    const target = await startMdmTarget(options);
    const before = target.simulator.world.webhook.events.length;
    await target.control("/wake", { device: target.id(0) });
    await target.simulator.world.activity.whenIdle();
    const told = devicesTold(target).slice(before);
    expect(told).toEqual([
      { externalId: target.id(0), udid: target.id(0), state: "enrolled", lastSeenAt: expect.any(Date) },
    ]);
  });

  test("what a device tells somebody else of itself is heard", async () => {
    const target = await startMdmTarget(options);
    await target.readings();
    await target.control("/foreign-command", { device: target.id(0), requestType: "DeviceInformation" });
    expect(await target.readings()).toMatchObject([
      {
        devices: [{ externalId: target.id(0), serial: "NANO00000001", platform: "iOS", state: "enrolled" }],
        statuses: [],
      },
    ]);
  });

  test("other commands of others tell nothing", async () => {
    const target = await startMdmTarget(options);
    await target.readings();
    await target.control("/foreign-command", { device: target.id(0), requestType: "ManagedApplicationList" });
    expect(await target.readings()).toEqual([{ users: [], devices: [], statuses: [], followUps: [] }]);
  });
});

test("NanoMDM has no listing", async () => {
  const { connection } = await startMdmTarget();
  expect(connection.listHolders).toBeUndefined();
});

describe("MicroMDM's list of devices", () => {
  async function list(target: MdmTarget): Promise<{ ids: string[]; pages: HolderPage<"device">[] }> {
    const pages: HolderPage<"device">[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: HolderPage<"device"> | undefined = await target.connection.listHolders?.("device", cursor, CALM);
      if (!page) throw new Error("There is no listing");
      pages.push(page);
      if (page.next === null)
        return { ids: pages.flatMap(({ records }) => records.map((one) => one.externalId)), pages };
      expect(page.complete).toBe(false);
      cursor = page.next;
    }
  }

  test.each(["fromZero", "fromOne", "none"] as const)("is read to its end, with pages %s", async (paging) => {
    const target = await startMdmTarget({ flavour: "micromdm", devices: 1203, switches: { paging } });
    const { ids, pages } = await list(target);
    expect(new Set(ids)).toEqual(new Set(target.simulator.world.devices.map(({ id }) => id)));
    expect(pages.at(-1)?.complete).toBe(true);
    expect(pages.length).toBeLessThan(8);
  });

  test("has cursors of its own, and takes no other", async () => {
    const { connection } = await startMdmTarget({ flavour: "micromdm" });
    for (const cursor of ["elsewhere", "{}"])
      await expect(connection.listHolders?.("device", cursor, CALM)).rejects.toMatchObject({ kind: "internal" });
  });

  test.each(["boolean", "text"] as const)(
    "tells who is enrolled, as %s, and leaves out who never was",
    async (enrollmentStatus) => {
      const target = await startMdmTarget({ flavour: "micromdm", devices: 2, switches: { enrollmentStatus } });
      await target.control("/add-device", { serialNumber: "UNBOXED", enroll: false });
      const { pages } = await list(target);
      expect(pages[0]?.records).toEqual(
        target.simulator.world.devices.slice(0, 2).map(({ id, serialNumber }) => ({
          externalId: id,
          serial: serialNumber,
          udid: id,
          state: "enrolled",
          lastSeenAt: expect.any(Date),
        })),
      );
    },
  );
});

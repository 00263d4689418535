import { expect, test } from "vitest";
import type { GraphSimulatorOptions } from "../../../simulators/graph/start-graph-simulator.js";
import type { Step, StepStatus } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { appNamed, handlesOf, startTenant, statusOf, stepTo, type Tenant, whole } from "./tenant.js";

async function told(tenant: Tenant, device: string, fields: Partial<Step> = {}): Promise<string> {
  const [handle] = await handlesOf(
    tenant,
    await stepTo(tenant, device, { ...whole(tenant, "Pilot devices"), ...fields }),
  );
  return handle ?? "";
}

async function after(
  options: GraphSimulatorOptions,
  control: (tenant: Tenant) => Promise<unknown> = async () => undefined,
  fields: Partial<Step> = {},
): Promise<StepStatus | null> {
  const tenant = await startTenant(options);
  await control(tenant);
  const handle = await told(tenant, "Device 1", fields);
  await tenant.control("/check-in");
  return statusOf(tenant.connection, handle);
}

test("nothing is told before the device has checked in", async () => {
  const tenant = await startTenant();
  expect(await statusOf(tenant.connection, await told(tenant, "Device 1"))).toBeNull();
});

test("each device of a group has a status of its own", async () => {
  const tenant = await startTenant();
  const handles = [await told(tenant, "Device 1"), await told(tenant, "Device 2"), await told(tenant, "Device 3")];
  await tenant.control("/device", { device: "Device 2", offline: true });
  await tenant.control("/device", { device: "Device 3", install: "fails" });
  await tenant.control("/check-in");
  const { statuses } = await tenant.connection.poll(handles, CALM);
  expect(statuses.map(({ handle, state }) => [handles.indexOf(handle), state]).sort()).toEqual([
    [0, "installed"],
    [2, "failed"],
  ]);
});

test("what the device does over several check-ins is pending, then installed", async () => {
  const tenant = await startTenant({ switches: { checkInsToInstall: 2 } });
  const handle = await told(tenant, "Device 1");
  await tenant.control("/check-in");
  expect((await statusOf(tenant.connection, handle))?.state).toBe("pending");
  await tenant.control("/check-in");
  expect((await statusOf(tenant.connection, handle))?.state).toBe("installed");
});

test.each([
  ["more members than licenses", (t: Tenant) => t.control("/app", { app: "App 1", total: 0 }), "NO_LICENSE"],
  [
    "a person who refuses",
    (t: Tenant) => t.control("/device", { device: "Device 1", install: "refused" }),
    "USER_REFUSED",
  ],
  [
    "a device that cannot",
    (t: Tenant) => t.control("/device", { device: "Device 1", install: "fails" }),
    "INSTALL_FAILED",
  ],
])("%s fails, and says what to do", async (_, control, code) => {
  expect(await after({}, control)).toMatchObject({
    state: "failed",
    failure: { code, detail: expect.stringContaining("Intune says"), remedy: expect.any(String) },
  });
});

test("a device where nobody is signed in waits for a person", async () => {
  const status = await after({}, (t) => t.control("/device", { device: "Device 1", install: "needs-sign-in" }), {
    licensing: "user",
  });
  expect(status).toMatchObject({
    state: "needs-user",
    failure: { code: "NEEDS_USER", remedy: expect.stringContaining("Sign in") },
  });
});

test("an app that does not fit the device fails for good", async () => {
  const tenant = await startTenant();
  const handle = await told(tenant, "Device 1");
  const device = [...tenant.world.devices.values()][0];
  if (device) device.operatingSystem = "macOS";
  await tenant.control("/check-in");
  expect(await statusOf(tenant.connection, handle)).toMatchObject({
    state: "failed",
    failure: { code: "NOT_SUPPORTED" },
  });
});

test.each([
  ["the other names of columns", { reportColumns: "AppInstallState" }],
  ["whole rows", { reportRows: "full" }],
  ["texts in another language", { reportTexts: "german" }],
  ["no texts", { reportTexts: "none" }],
  ["times without a zone", { reportTimes: "withoutZone" }],
  ["no times", { reportTimes: "none" }],
  ["small pages", { reportMaxTop: 1 }],
] as const)("a report with %s is read all the same", async (_, switches) => {
  const status = await after({ switches });
  expect(status?.state).toBe("installed");
  expect(Math.abs((status?.observedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
});

test("the English text goes before a number that some tenants count otherwise", async () => {
  const tenant = await startTenant();
  const handle = await told(tenant, "Device 1");
  const columns = ["DeviceId", "InstallState", "AppInstallState_loc", "LastModifiedDateTime"];
  const rows = [[JSON.parse(handle).device, 0, "Not installed", new Date().toISOString()]];
  const report = { TotalRowCount: 1, Schema: columns.map((Column) => ({ Column })), Values: rows };
  const fetch: typeof globalThis.fetch = async (input, init) =>
    String(input).endsWith("StatusReport") ? Response.json(report) : globalThis.fetch(input, init);
  const connection = await tenant.connect({}, { fetch });
  expect((await statusOf(connection, handle))?.state).toBe("pending");
});

test("a state that nobody knows is unknown", async () => {
  const tenant = await startTenant();
  const handle = await told(tenant, "Device 1");
  const [app] = tenant.world.apps.values();
  app?.report.set(JSON.parse(handle).device, { state: 77, detail: 0, errorCode: 0, at: Date.now() });
  expect((await statusOf(tenant.connection, handle))?.state).toBe("unknown");
});

test("a removal is pending while the app is there, and removed when it is seen to be gone", async () => {
  const tenant = await startTenant();
  await told(tenant, "Device 1");
  await tenant.control("/check-in");
  const handle = await told(tenant, "Device 1", { action: "remove" });
  expect((await statusOf(tenant.connection, handle))?.state ?? "pending").toBe("pending");
  await tenant.control("/check-in");
  expect((await statusOf(tenant.connection, handle))?.state).toBe("removed");
});

test("a removal that the device cannot do fails", async () => {
  const tenant = await startTenant();
  await told(tenant, "Device 1");
  await tenant.control("/check-in");
  await tenant.control("/device", { device: "Device 1", uninstall: "fails" });
  const handle = await told(tenant, "Device 1", { action: "remove" });
  await tenant.control("/check-in");
  expect(await statusOf(tenant.connection, handle)).toMatchObject({
    state: "failed",
    failure: { code: "REMOVE_FAILED" },
  });
});

test("the end of an earlier step is no answer to a later one", async () => {
  const tenant = await startTenant();
  await tenant.control("/device", { device: "Device 1", install: "fails" });
  await told(tenant, "Device 1");
  await tenant.control("/check-in");
  await tenant.control("/device", { device: "Device 1", offline: true });
  const again = await told(tenant, "Device 1", { decidedAt: new Date(Date.now() + 1) });
  expect(await statusOf(tenant.connection, again)).toBeNull();
});

test("it is one when the device has been heard of since, and still says the same", async () => {
  const tenant = await startTenant();
  await tenant.control("/device", { device: "Device 1", install: "fails" });
  await told(tenant, "Device 1");
  await tenant.control("/check-in");
  const decidedAt = new Date();
  const again = await told(tenant, "Device 1", { decidedAt });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await tenant.control("/check-in");
  const status = await statusOf(tenant.connection, again);
  expect(status?.state).toBe("failed");
  expect(status?.observedAt.getTime()).toBeGreaterThanOrEqual(decidedAt.getTime());
});

test("an app that was there before is installed, as of the step", async () => {
  const tenant = await startTenant();
  await told(tenant, "Device 1");
  await tenant.control("/check-in");
  const decidedAt = new Date(Date.now() + 1000);
  const status = await statusOf(tenant.connection, await told(tenant, "Device 1", { decidedAt }));
  expect(status).toMatchObject({ state: "installed", observedAt: decidedAt });
});

test("a report that is refused is exported instead, and asked for until it is there", async () => {
  const tenant = await startTenant({ switches: { report: "refused" } });
  const handle = await told(tenant, "Device 1");
  await tenant.control("/check-in");
  expect(await statusOf(tenant.connection, handle)).toBeNull();
  let status: StepStatus | null = null;
  for (let tries = 0; status === null && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    status = await statusOf(tenant.connection, handle);
  }
  expect(status?.state).toBe("installed");
  const started = tenant.requests().filter(({ method, path }) => method === "POST" && path.endsWith("/exportJobs"));
  expect(started).toHaveLength(1);
});

test("the storage of an export never sees our token", async () => {
  const tenant = await startTenant({ switches: { report: "refused" } });
  const handle = await told(tenant, "Device 1");
  await tenant.control("/check-in");
  for (let tries = 0; !tenant.requests().some(({ path }) => path.startsWith("/exports/")) && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    await statusOf(tenant.connection, handle);
  }
  const [file] = tenant.requests().filter(({ path }) => path.startsWith("/exports/"));
  expect(file).toMatchObject({ answer: 200 });
  expect(file?.headers.authorization).toBeUndefined();
});

test("a file that is cut off is worth another try", async () => {
  const tenant = await startTenant({ switches: { report: "refused" } });
  const handle = await told(tenant, "Device 1");
  await tenant.control("/check-in");
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const answer = await globalThis.fetch(input, init);
    return String(input).includes("/exports/") ? new Response((await answer.arrayBuffer()).slice(0, 40)) : answer;
  };
  const connection = await tenant.connect({}, { fetch });
  const asked = async () => {
    for (let tries = 0; tries < 100; tries += 1) {
      await statusOf(connection, handle);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await expect(asked()).rejects.toMatchObject({ kind: "transient", message: expect.stringContaining("cut off") });
});

test("a report of hundreds is read page by page, and once for handles that come in several calls", async () => {
  const tenant = await startTenant({ users: 0, devices: 230, mixed: false, licenses: 300 });
  const names = Array.from({ length: 230 }, (_, index) => `Device ${index + 1}`);
  const app = await appNamed(tenant);
  const steps = await Promise.all(names.map((name) => stepTo(tenant, name, { app, ...whole(tenant, "All devices") })));
  const handles = await handlesOf(tenant, ...steps);
  await tenant.control("/check-in");
  const first = await tenant.connection.poll(handles.slice(0, 200), CALM);
  const second = await tenant.connection.poll(handles.slice(200), CALM);
  expect([...first.statuses, ...second.statuses].filter(({ state }) => state === "installed")).toHaveLength(230);
  const reports = () => tenant.requests().filter(({ path }) => path.endsWith("StatusReport")).length;
  expect(reports()).toBe(5);
  await tenant.connection.poll(handles.slice(0, 10), CALM);
  expect(reports()).toBe(10);
});

test("handles that are not ours, and those of an app that is gone, are left out", async () => {
  const tenant = await startTenant();
  const handle = await told(tenant, "Device 1");
  await tenant.control("/check-in");
  const gone = JSON.stringify({ ...JSON.parse(handle), app: "10000000-0000-4000-8000-00000000dead" });
  const { statuses } = await tenant.connection.poll(["nonsense", "{}", gone, handle], CALM);
  expect(statuses.map((status) => status.handle)).toEqual([handle]);
});

test("trouble with one app keeps what is known of another", async () => {
  const tenant = await startTenant();
  const first = await told(tenant, "Device 1");
  const second = await told(tenant, "Device 1", { app: await appNamed(tenant, "App 2") });
  await tenant.control("/check-in");
  const fetch: typeof globalThis.fetch = async (input, init) =>
    String(init?.body).includes(`ApplicationId eq '${JSON.parse(second).app}'`)
      ? Response.json({}, { status: 429 })
      : globalThis.fetch(input, init);
  const { statuses } = await (await tenant.connect({}, { fetch })).poll([first, second], CALM);
  expect(statuses.map(({ handle }) => handle)).toEqual([first]);
});

test("where the time of a call does not suffice for all apps, those left out come first the next time", async () => {
  const tenant = await startTenant();
  const apps = await Promise.all(["App 1", "App 2", "App 3"].map((name) => appNamed(tenant, name)));
  const handles: string[] = [];
  for (const app of apps) handles.push(await told(tenant, "Device 1", { app }));
  await tenant.control("/check-in");
  let passedMs = 0;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    if (String(input).endsWith("StatusReport")) passedMs += 30_000;
    return globalThis.fetch(input, init);
  };
  const connection = await tenant.connect({}, { fetch, now: () => new Date(Date.now() + passedMs) });
  const looked = async () =>
    (await connection.poll(handles, CALM)).statuses.map(({ handle }) => handles.indexOf(handle));
  expect(await looked()).toEqual([0, 1]);
  expect(await looked()).toEqual([2, 0]);
  expect(await looked()).toEqual([1, 2]);
});

test("where nothing is known of any handle the trouble is told", async () => {
  const tenant = await startTenant();
  const handle = await told(tenant, "Device 1");
  await tenant.control("/fail-next", { path: "StatusReport", status: 429, retryAfter: 2 });
  await expect(tenant.connection.poll([handle], CALM)).rejects.toMatchObject({
    kind: "transient",
    options: { retryAfterMs: 2000 },
  });
});

import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { APPS, appId, assign, groupId, report, startCaller } from "./graph-caller.js";

test("an assignment is one of several, and the same target again is refused with its name", async () => {
  const caller = await startCaller();
  const added = await assign(caller, "Pilot devices");
  expect(added.status).toBe(201);
  expect(added.body.id).toBe(`${groupId(caller, "Pilot devices")}_1_0`);
  const again = await assign(caller, "Pilot devices", "uninstall");
  expect(again.status).toBe(400);
  const { Message } = JSON.parse(again.body.error.message);
  expect(Message).toContain("MobileApp Assignment already exists");
  expect(Message).toContain(added.body.id);
  const listed = (await caller.get(`${APPS}/${appId(caller)}/assignments`)).body.value;
  expect(listed.map(({ source }: { source: string }) => source)).toEqual(["direct", "policySets", "direct"]);
});

test("v1.0 does not tell whence an assignment comes", async () => {
  const caller = await startCaller();
  const { body } = await caller.get(`/v1.0/deviceAppManagement/mobileApps/${appId(caller)}/assignments`);
  expect(body.value[0]).not.toHaveProperty("source");
});

test("assign replaces everybody's list", async () => {
  const caller = await startCaller();
  const answer = await caller.send("POST", `${APPS}/${appId(caller)}/assign`, { mobileAppAssignments: [] });
  expect(answer.status).toBe(204);
  expect((await caller.get(`${APPS}/${appId(caller)}/assignments`)).body.value).toEqual([]);
});

test("an assignment goes by its id, and its target stays what it is", async () => {
  const caller = await startCaller();
  const { body } = await assign(caller, "Pilot devices");
  const place = `${APPS}/${appId(caller)}/assignments/${body.id}`;
  expect((await caller.send("PATCH", place, { intent: "uninstall" })).body.intent).toBe("uninstall");
  const target = { ...body.target, groupId: groupId(caller, "All devices") };
  expect((await caller.send("PATCH", place, { target })).status).toBe(400);
  expect((await caller.send("DELETE", place)).status).toBe(204);
  expect((await caller.send("DELETE", place)).status).toBe(404);
});

test.each([
  [
    "settings of another kind",
    { settings: { "@odata.type": "#microsoft.graph.macOsVppAppAssignmentSettings", useDeviceLicensing: true } },
  ],
  ["a group that is none", { target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: "none" } }],
  ["another intent", { intent: "maybe" }],
])("an assignment with %s is refused", async (_, fields) => {
  const caller = await startCaller();
  const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: groupId(caller, "All devices") };
  const answer = await caller.send("POST", `${APPS}/${appId(caller)}/assignments`, {
    intent: "required",
    target,
    ...fields,
  });
  expect(answer.status).toBe(400);
});

test("only a published app is assigned", async () => {
  const caller = await startCaller();
  await caller.control("/app", { app: "App 1", publishingState: "processing" });
  expect((await assign(caller, "Pilot devices")).status).toBe(400);
});

test("nothing is reported before a check-in; then each device has a row, and a license is gone", async () => {
  const caller = await startCaller();
  await assign(caller, "Pilot devices");
  expect(await report(caller)).toEqual([]);
  await caller.control("/check-in");
  const rows = await report(caller);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatchObject({ InstallState: 1, AppInstallState_loc: "Installed", HexErrorCode: "0x0" });
  expect((await caller.get(`${APPS}/${appId(caller)}`)).body.usedLicenseCount).toBe(3);
  const licenses = (await caller.get(`${APPS}/${appId(caller)}/microsoft.graph.iosVppApp/assignedLicenses`)).body.value;
  expect(licenses).toHaveLength(3);
  expect(licenses[0]["@odata.type"]).toBe("#microsoft.graph.iosVppAppAssignedDeviceLicense");
});

test("devices check in by themselves after a while, if they are let", async () => {
  const caller = await startCaller({ switches: { checkIns: "automatic", checkInDelayMs: 20 } });
  await assign(caller, "Pilot devices");
  for (let tries = 0; (await report(caller)).length === 0; tries += 1) {
    if (tries > 100) throw new Error("They did not");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

test("more members than licenses: the surplus fails for want of one", async () => {
  const caller = await startCaller({ licenses: 2 });
  await assign(caller, "Pilot devices");
  await caller.control("/check-in");
  const states = (await report(caller)).map(({ InstallState, ErrorCode }) => [InstallState, ErrorCode]);
  expect(states).toEqual([
    [1, 0],
    [1, 0],
    [2, -2016330882],
  ]);
  await caller.control("/app", { app: "App 1", total: 3 });
  await caller.control("/check-in");
  expect((await report(caller)).every(({ InstallState }) => InstallState === 1)).toBe(true);
});

test("a user's license serves their devices, and a device without a user gets none", async () => {
  const caller = await startCaller({ users: 1, devices: 3, userless: 1, mixed: false });
  await assign(caller, "All devices", "required", false);
  await caller.control("/check-in");
  expect(caller.world.apps.get(appId(caller))?.licenses.size).toBe(1);
  const states = (await report(caller)).map(({ InstallState }) => InstallState);
  expect(states).toEqual([1, 1, 2, -1]);
});

test("required wins over uninstall, and uninstall takes the app and its license", async () => {
  const caller = await startCaller();
  const app = caller.world.apps.get(appId(caller));
  await assign(caller, "Pilot devices");
  await assign(caller, "Nested pilots", "uninstall");
  await caller.control("/check-in");
  expect(app?.installed.size).toBe(3);
  await caller.send("DELETE", `${APPS}/${app?.id}/assignments/${groupId(caller, "Pilot devices")}_1_0`);
  await caller.control("/check-in");
  expect([app?.installed.size, app?.licenses.size]).toEqual([0, 0]);
  expect((await report(caller)).map(({ InstallState }) => InstallState)).toEqual([3, 3, 3]);
});

test("an assignment that goes takes app and license on iOS, and on a Mac the license alone", async () => {
  const caller = await startCaller({ users: 5, devices: 10, apps: 5 });
  const mac = appId(caller, "App 5");
  const { body } = await caller.send("POST", `${APPS}/${mac}/assignments`, {
    intent: "required",
    target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: groupId(caller, "All devices") },
    settings: { "@odata.type": "#microsoft.graph.macOsVppAppAssignmentSettings", useDeviceLicensing: true },
  });
  const first = await assign(caller, "Pilot devices");
  await caller.control("/check-in");
  await caller.send("DELETE", `${APPS}/${mac}/assignments/${body.id}`);
  await caller.send("DELETE", `${APPS}/${appId(caller)}/assignments/${first.body.id}`);
  await caller.control("/check-in");
  const shown = [mac, appId(caller)].map((id) => caller.world.apps.get(id));
  expect(shown.map((app) => [app?.installed.size, app?.licenses.size])).toEqual([
    [1, 0],
    [0, 0],
  ]);
});

test("an offline device does nothing; one that leaves management keeps its license", async () => {
  const caller = await startCaller();
  await caller.control("/device", { device: "Device 1", offline: true });
  await assign(caller, "Pilot devices");
  await caller.control("/check-in");
  expect(await report(caller)).toHaveLength(2);
  await caller.control("/unenroll", { device: "Device 2" });
  expect(await report(caller)).toHaveLength(1);
  expect(caller.world.apps.get(appId(caller))?.licenses.size).toBe(2);
});

test("rows are by position, and their empty end is missing, unless the switch says otherwise", async () => {
  const caller = await startCaller();
  await assign(caller, "Pilot devices");
  await caller.control("/check-in");
  const place = "/beta/deviceManagement/reports/microsoft.graph.retrieveDeviceAppInstallationStatusReport";
  const body = { filter: `(ApplicationId eq '${appId(caller)}')`, top: 2, skip: 0 };
  const { body: short } = await caller.send("POST", place, body);
  expect(short.TotalRowCount).toBe(3);
  expect(short.Values).toHaveLength(2);
  expect(short.Values[0].length).toBeLessThan(short.Schema.length);
  await caller.control("/switches", { reportRows: "full", reportColumns: "AppInstallState" });
  const { body: full } = await caller.send("POST", place, { ...body, skip: 2 });
  expect(full.Values).toHaveLength(1);
  expect(full.Values[0]).toHaveLength(full.Schema.length);
  expect(full.Schema.map(({ Column }: { Column: string }) => Column)).toContain("AppInstallState");
  expect((await caller.send("POST", place, { ...body, select: ["NoSuchColumn"] })).status).toBe(400);
});

test("a report that the tenant does not have is 400", async () => {
  const caller = await startCaller({ switches: { report: "refused" } });
  const place = "/v1.0/deviceManagement/reports/retrieveDeviceAppInstallationStatusReport";
  expect((await caller.send("POST", place, {})).status).toBe(400);
});

test("an export climbs its ladder to a signed link that wants no bearer", async () => {
  const caller = await startCaller({ switches: { exportStepMs: 300 } });
  await assign(caller, "Pilot devices");
  await caller.control("/check-in");
  const jobs = "/v1.0/deviceManagement/reports/exportJobs";
  const select = ["DeviceId", "AppInstallState"];
  const filter = `(ApplicationId eq '${appId(caller)}')`;
  const started = await caller.send("POST", jobs, {
    reportName: "DeviceInstallStatusByApp",
    filter,
    select,
    format: "csv",
  });
  expect(started.body).toMatchObject({
    status: "notStarted",
    url: null,
    id: expect.stringMatching(/^DeviceInstallStatusByApp_/),
  });
  const seen = new Set<string>();
  let job = started.body;
  while (job.status !== "completed") {
    seen.add(job.status);
    await new Promise((resolve) => setTimeout(resolve, 5));
    job = (await caller.get(`${jobs}('${job.id}')`)).body;
  }
  expect([...seen]).toEqual(["notStarted", "inProgress"]);
  expect((await caller.get(job.url)).status).toBe(400);
  expect((await fetch(job.url.replace(/sig=.*/, "sig=wrong"))).status).toBe(404);
  const zip = new Uint8Array(await (await fetch(job.url)).arrayBuffer());
  const [csv] = Object.values(unzipSync(zip));
  expect(
    Buffer.from(csv ?? [])
      .toString("utf8")
      .split("\r\n"),
  ).toHaveLength(4);
});

test("a synchronisation is in progress, then completed or failed; a second one meanwhile is refused", async () => {
  const caller = await startCaller({ switches: { syncMs: 100, counts: "atSync" } });
  const [token] = (await caller.get("/beta/deviceAppManagement/vppTokens")).body.value;
  const place = `/v1.0/deviceAppManagement/vppTokens/${token.id}`;
  await assign(caller, "Pilot devices");
  await caller.control("/check-in");
  const used = async () => (await caller.get(`${APPS}/${appId(caller)}`)).body.usedLicenseCount;
  expect(await used()).toBe(0);
  expect((await caller.send("POST", `${place}/syncLicenses`)).body.lastSyncStatus).toBe("inProgress");
  expect((await caller.send("POST", `${place}/syncLicenses`)).status).toBe(409);
  const settled = async () => {
    for (;;) {
      const { lastSyncStatus } = (await caller.get(place)).body;
      if (lastSyncStatus !== "inProgress") return lastSyncStatus;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  expect(await settled()).toBe("completed");
  expect(await used()).toBe(3);
  await caller.control("/token", { failsNextSync: true });
  await caller.send("POST", `${place}/syncLicenses`);
  expect(await settled()).toBe("failed");
});

test.each(["expired", "invalid", "assignedToExternalMDM", "duplicateLocationId"])(
  "a token can be %s, and its secret is never shown",
  async (state) => {
    const caller = await startCaller();
    await caller.control("/token", { state });
    const [token] = (await caller.get("/beta/deviceAppManagement/vppTokens")).body.value;
    expect(token).toMatchObject({ state, token: null });
  },
);

test("a revocation is pending, then done or failed with a reason", async () => {
  const caller = await startCaller({ switches: { revokeMs: 20 } });
  await assign(caller, "Pilot devices");
  await caller.control("/check-in");
  const place = `${APPS}/${appId(caller)}`;
  const [license] = (await caller.get(`${place}/microsoft.graph.iosVppApp/assignedLicenses`)).body.value;
  const body = { managedDeviceId: license.managedDeviceId, notifyManagedDevices: false };
  const lastResult = async () => (await caller.get(place)).body.revokeLicenseActionResults.at(-1);
  const settled = async () => {
    for (;;) {
      const result = await lastResult();
      if (result.actionState !== "pending") return result;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  expect((await caller.send("POST", `${place}/revokeDeviceLicense`, body)).status).toBe(204);
  expect((await lastResult()).actionState).toMatch(/pending|done/);
  expect(await settled()).toMatchObject({ actionState: "done", actionFailureReason: "none" });
  expect(caller.world.apps.get(appId(caller))?.licenses.size).toBe(2);
  await caller.control("/switches", { revokeFailure: "appleFailure" });
  await caller.send("POST", `${place}/revokeAllLicenses`, { notifyManagedDevices: false });
  expect(await settled()).toMatchObject({
    actionState: "failed",
    actionFailureReason: "appleFailure",
    failedLicensesCount: 2,
  });
});

test("the push certificate is there, expired or gone, and shown in one of two ways", async () => {
  const caller = await startCaller();
  const place = "/v1.0/deviceManagement/applePushNotificationCertificate";
  expect((await caller.get(place)).body).toHaveProperty("expirationDateTime");
  await caller.control("/switches", { apnsShape: "inValue" });
  expect((await caller.get(place)).body.value).toHaveProperty("expirationDateTime");
  await caller.control("/push-certificate", { gone: true });
  expect((await caller.get(place)).status).toBe(404);
});

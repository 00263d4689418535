import { expect, test } from "vitest";
import type { LoggedRequest } from "../../../simulators/graph/request-log.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { appNamed, handlesOf, listAll, startTenant, stepTo, whole } from "./tenant.js";

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** A request as the reference spells it, ids aside. */
function shapeOf({ method, path, body }: LoggedRequest): string {
  const plain = decodeURIComponent(path.replaceAll("+", " "))
    .replace(GUID, "{id}")
    .replace(/\{id\}_\d_0/, "{id}");
  return `${method} ${plain}${body === undefined ? "" : ` ${JSON.stringify(body).replace(GUID, "{id}")}`}`;
}

async function requestsOf(
  run: (tenant: Awaited<ReturnType<typeof startTenant>>) => Promise<unknown>,
): Promise<string[]> {
  const tenant = await startTenant({ apps: 5, devices: 10 });
  await tenant.connection.check(CALM);
  const before = tenant.requests().length;
  await run(tenant);
  const made = tenant.requests().slice(before);
  return made.filter(({ path }) => !path.endsWith("/$batch")).map(shapeOf);
}

const writesOf = (made: readonly string[]) => made.filter((request) => !request.startsWith("GET "));

test("every request carries a bearer, an id of its own, and its body's type", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
  const made = tenant.requests().filter(({ path, inBatch }) => !inBatch && !path.endsWith("/token"));
  expect(made.length).toBeGreaterThan(3);
  for (const { headers, body } of made) {
    expect(headers.authorization).toBe("Bearer (hidden)");
    expect(headers["client-request-id"]).toMatch(new RegExp(`^${GUID.source}$`));
    expect(headers["content-type"]).toBe(body === undefined ? undefined : "application/json");
  }
});

test("signing in", async () => {
  const tenant = await startTenant();
  await tenant.connection.check(CALM);
  const [signIn] = tenant.requests();
  expect(`${signIn?.method} ${signIn?.path}`).toBe(`POST /${tenant.simulator.tenantId}/oauth2/v2.0/token`);
  expect(signIn?.body).toEqual({
    client_id: tenant.simulator.clientId,
    client_secret: "(hidden)",
    grant_type: "client_credentials",
    scope: `${tenant.simulator.url}/.default`,
  });
});

test("holders", async () => {
  const made = await requestsOf(async ({ connection }) => {
    for (const kind of ["user", "device", "collection"] as const) await listAll(connection, kind);
  });
  expect([...new Set(made)]).toEqual([
    "GET /v1.0/users?$select=id,userPrincipalName,displayName,mail&$top=999",
    "GET /v1.0/deviceManagement/managedDevices?$select=id,azureADDeviceId,deviceName,serialNumber,operatingSystem,userId," +
      "deviceEnrollmentType,managementState,lastSyncDateTime&$top=1000&$filter=operatingSystem eq 'iOS' or operatingSystem eq " +
      "'iPadOS' or operatingSystem eq 'macOS' or operatingSystem eq 'tvOS' or operatingSystem eq 'visionOS' or operatingSystem eq 'watchOS'",
    "GET /v1.0/groups?$select=id,displayName,uniqueName,membershipRule&$top=20&$filter=securityEnabled eq true",
    "GET /v1.0/groups/{id}/transitiveMembers?$select=id,deviceId&$top=999",
  ]);
});

test("an app for a whole group: one assignment, with the settings of its kind", async () => {
  const made = await requestsOf(async (tenant) =>
    handlesOf(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices"))),
  );
  expect(made).toContain("GET /beta/deviceAppManagement/mobileApps?$filter=isof('microsoft.graph.iosVppApp')");
  expect(made).toContain("GET /beta/deviceAppManagement/mobileApps/{id}/assignments");
  expect(writesOf(made)).toEqual([
    'POST /beta/deviceAppManagement/mobileApps/{id}/assignments {"@odata.type":"#microsoft.graph.mobileAppAssignment",' +
      '"intent":"required","target":{"@odata.type":"#microsoft.graph.groupAssignmentTarget","groupId":"{id}"},"settings":' +
      '{"@odata.type":"#microsoft.graph.iosVppAppAssignmentSettings","useDeviceLicensing":true,"vpnConfigurationId":null}}',
  ]);
});

test("its removal: the one assignment away, the other in its place", async () => {
  const made = await requestsOf(async (tenant) => {
    const collection = whole(tenant, "Pilot devices");
    await handlesOf(tenant, await stepTo(tenant, "Device 1", collection));
    await handlesOf(tenant, await stepTo(tenant, "Device 1", { ...collection, action: "remove" }));
  });
  const [, ...flip] = writesOf(made);
  expect(flip).toEqual([
    "DELETE /beta/deviceAppManagement/mobileApps/{id}/assignments/{id}",
    expect.stringContaining(
      'POST /beta/deviceAppManagement/mobileApps/{id}/assignments {"@odata.type":"#microsoft.graph.mobileAppAssignment"',
    ),
  ]);
  expect(flip.at(-1)).toContain('"intent":"uninstall"');
});

test("a group is released: the one assignment away; groups of our own: theirs, then the group", async () => {
  const made = await requestsOf(async (tenant) => {
    const collection = whole(tenant, "Pilot devices");
    await handlesOf(tenant, await stepTo(tenant, "Device 1", collection));
    const app = await appNamed(tenant);
    await tenant.connection.release?.({ app, others: [], ...collection }, CALM);
    await handlesOf(tenant, await stepTo(tenant, "Device 1"));
    await tenant.connection.release?.({ app, others: [], collection: null }, CALM);
  });
  expect(made.filter((request) => request.startsWith("DELETE"))).toEqual([
    "DELETE /beta/deviceAppManagement/mobileApps/{id}/assignments/{id}",
    "DELETE /beta/deviceAppManagement/mobileApps/{id}/assignments/{id}",
    "DELETE /v1.0/groups/{id}",
  ]);
});

test("a device alone: its object in the directory, a group that is made if it is missing, and a reference", async () => {
  const made = await requestsOf(async (tenant) => handlesOf(tenant, await stepTo(tenant, "Device 1")));
  expect(made).toContain("GET /v1.0/devices?$filter=deviceId eq '{id}'&$select=id,deviceId");
  const name = "allotment-{id}-required-device";
  expect(made).toContain(`GET /v1.0/groups(uniqueName='${name}')?$select=id`);
  const upsert = made.find((request) => request.startsWith(`PATCH /v1.0/groups(uniqueName='${name}')`));
  expect(upsert).toContain(`"mailEnabled":false,"mailNickname":"${name}","securityEnabled":true`);
  const bound = made.find((request) => request.includes("members@odata.bind"));
  expect(bound).toMatch(
    /^PATCH \/v1\.0\/groups\/\{id\} \{"members@odata\.bind":\["http:.*\/v1\.0\/directoryObjects\/\{id\}"\]\}$/,
  );
});

test("the group is made only if it is missing, by the header that says so", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  const upsert = tenant.requests().find(({ method, path }) => method === "PATCH" && path.includes("uniqueName"));
  expect(upsert?.headers.prefer).toBe("create-if-missing");
});

test("what became of it: the report by app, without naming columns", async () => {
  const made = await requestsOf(async (tenant) => {
    const handles = await handlesOf(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
    await tenant.connection.poll(handles, CALM);
  });
  expect(made.at(-1)).toBe(
    "POST /v1.0/deviceManagement/reports/retrieveDeviceAppInstallationStatusReport " +
      `{"filter":"(ApplicationId eq '{id}')","skip":0,"top":50}`,
  );
});

test("tokens, holders and taking licenses back", async () => {
  const made = await requestsOf(async (tenant) => {
    const [token] = (await tenant.connection.licenses?.tokens(CALM)) ?? [];
    await tenant.connection.licenses?.sync(token?.externalId ?? "", CALM);
    const device = [...tenant.world.devices.keys()][0] ?? "";
    await tenant.control("/give-license", { app: "App 1", managedDeviceId: device });
    const { adamId } = await appNamed(tenant);
    const holder = { kind: "device" as const, externalId: device };
    await tenant.connection.licenses?.revoke(token?.externalId ?? "", adamId, [holder], CALM);
  });
  expect(made).toEqual(
    expect.arrayContaining([
      "GET /beta/deviceAppManagement/vppTokens",
      "POST /beta/deviceAppManagement/vppTokens/{id}/syncLicenses",
      "GET /beta/deviceAppManagement/mobileApps/{id}/microsoft.graph.iosVppApp/assignedLicenses",
      'POST /beta/deviceAppManagement/mobileApps/{id}/revokeDeviceLicense {"managedDeviceId":"{id}","notifyManagedDevices":false}',
    ]),
  );
});

test("an export job, where the report is refused", async () => {
  const made = await requestsOf(async (tenant) => {
    await tenant.control("/switches", { report: "refused" });
    const handles = await handlesOf(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
    await tenant.connection.poll(handles, CALM);
    await tenant.connection.poll(handles, CALM);
  });
  expect(made).toContain(
    `POST /v1.0/deviceManagement/reports/exportJobs {"reportName":"DeviceInstallStatusByApp","filter":"(ApplicationId eq '{id}')",` +
      '"select":["DeviceId","AppInstallState","AppInstallStateDetails","HexErrorCode","LastModifiedDateTime"],"format":"csv",' +
      '"localizationType":"LocalizedValuesAsAdditionalColumn"}',
  );
  expect(made).toContain("GET /v1.0/deviceManagement/reports/exportJobs('DeviceInstallStatusByApp_{id}')");
});

test("with v1.0 no call is made to beta", async () => {
  const tenant = await startTenant();
  const connection = await tenant.connect({ api: "v1.0" });
  const v1 = { ...tenant, connection };
  await handlesOf(v1, await stepTo(v1, "Device 1", whole(tenant, "Pilot devices")));
  expect(tenant.requests().filter(({ path }) => path.startsWith("/beta"))).toEqual([]);
});

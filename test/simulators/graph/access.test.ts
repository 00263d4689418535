import { expect, test } from "vitest";
import { startCaller } from "./graph-caller.js";

test("the right secret gets a bearer for an hour", async () => {
  const { signIn } = await startCaller();
  const { status, body } = await signIn();
  expect(status).toBe(200);
  expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599 });
});

test.each([
  ["a wrong secret", { client_secret: "wrong" }, 401, "invalid_client", 7000215],
  ["another client", { client_id: "20000000-0000-4000-8000-00000000ffff" }, 400, "unauthorized_client", 700016],
  ["another grant", { grant_type: "password" }, 400, "unsupported_grant_type", 70003],
  ["a scope that is no default", { scope: "User.Read" }, 400, "invalid_scope", 1002012],
  [
    "an assertion of nobody",
    { client_assertion: "a.b.c", client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" },
    401,
    "invalid_client",
    50027,
  ],
])("%s is refused with its code", async (_, fields, status, error, code) => {
  const { signIn } = await startCaller();
  const refused = await signIn(fields);
  expect(refused.status).toBe(status);
  expect(refused.body).toMatchObject({
    error,
    error_codes: [code],
    error_description: expect.stringContaining(`AADSTS${code}:`),
  });
});

test("another tenant is not known", async () => {
  const { signIn } = await startCaller();
  expect((await signIn({}, "elsewhere.example")).body.error_codes).toEqual([90002]);
});

test("no bearer, a stale one and one that was revoked are 401", async () => {
  const caller = await startCaller();
  const { get, control, simulator } = caller;
  const plain = await fetch(`${simulator.url}/v1.0/users`);
  expect(plain.status).toBe(401);
  expect((await get("/v1.0/users")).status).toBe(200);
  await control("/expire-access-tokens");
  const stale = await get("/v1.0/users");
  expect(stale.status).toBe(401);
  expect(stale.body.error.code).toBe("InvalidAuthenticationToken");
});

test("a bearer ends after its time", async () => {
  const caller = await startCaller({ switches: { tokenLifetimeSeconds: 1 } });
  expect((await caller.get("/v1.0/users")).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect((await caller.get("/v1.0/users")).status).toBe(401);
});

test("what was not granted is 403, with the words of the service that refuses", async () => {
  const caller = await startCaller();
  await caller.control("/permissions", { remove: ["User.Read.All", "DeviceManagementApps.ReadWrite.All"] });
  expect((await caller.get("/v1.0/users")).body.error.code).toBe("Authorization_RequestDenied");
  const intune = await caller.get("/v1.0/deviceAppManagement/mobileApps");
  expect(intune.status).toBe(403);
  expect(JSON.parse(intune.body.error.message).Message).toContain("DeviceManagementApps.Read.All");
});

test("a tenant without an Intune license is refused by Intune alone", async () => {
  const caller = await startCaller();
  await caller.control("/license-tenant", { licensed: false });
  expect((await caller.get("/v1.0/deviceManagement/managedDevices")).status).toBe(403);
  expect((await caller.get("/v1.0/groups")).status).toBe(200);
});

test("writes beyond a hundred in twenty seconds are throttled, with the pause in seconds or without", async () => {
  const caller = await startCaller({ switches: { enforceRate: true } });
  const write = () =>
    caller.send("POST", "/v1.0/deviceAppManagement/mobileApps/none/assign", { mobileAppAssignments: [] });
  for (let count = 0; count < 100; count += 1) expect((await write()).status).toBe(404);
  const refused = await write();
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("10");
  await caller.control("/switches", { retryAfter: "none" });
  expect((await write()).headers.get("retry-after")).toBeNull();
  expect((await caller.get("/v1.0/users")).status).toBe(200);
});

import { expect, test } from "vitest";
import { APPS, appId, groupId, startCaller } from "./graph-caller.js";

test("a list comes in small pages whose links lead on", async () => {
  const caller = await startCaller({ users: 5, switches: { pageSize: 2 } });
  const first = await caller.get("/v1.0/users?$top=999&$select=id");
  expect(first.body.value).toHaveLength(2);
  const second = await caller.get(first.body["@odata.nextLink"]);
  const third = await caller.get(second.body["@odata.nextLink"]);
  expect(third.body["@odata.nextLink"]).toBeUndefined();
  const ids = [first, second, third].flatMap(({ body }) => body.value.map(({ id }: { id: string }) => id));
  expect(new Set(ids).size).toBe(5);
  expect(Object.keys(first.body.value[0])).toEqual(["id"]);
});

test("a token that was made up is refused", async () => {
  const caller = await startCaller();
  expect((await caller.get("/v1.0/users?$skiptoken=made-up")).status).toBe(400);
});

test.each([
  ["operatingSystem eq 'iOS' or operatingSystem eq 'macOS'", 3],
  ["not (operatingSystem eq 'iOS')", 4],
  ["startswith(deviceName,'win')", 1],
  ["operatingSystem in ('iPadOS','Windows') and userId eq ''", 2],
])("the filter %s is understood", async (filter, count) => {
  const caller = await startCaller({ users: 5, devices: 6 });
  const { body } = await caller.get(`/v1.0/deviceManagement/managedDevices?$filter=${encodeURIComponent(filter)}`);
  expect(body.value).toHaveLength(count);
});

test("another filter is 400", async () => {
  const caller = await startCaller();
  expect((await caller.get("/v1.0/users?$filter=endswith(mail,'x')")).status).toBe(400);
});

test("a batch answers each part by itself, in any order", async () => {
  const caller = await startCaller();
  const requests = Array.from({ length: 12 }, (_, index) => ({
    id: String(index),
    method: "GET",
    url: index === 3 ? "/users/nobody" : "/users?$top=1",
  }));
  const { status, body } = await caller.send("POST", "/v1.0/$batch", { requests });
  expect(status).toBe(200);
  const order = body.responses.map(({ id }: { id: string }) => id);
  expect([...order].sort()).toEqual(requests.map(({ id }) => id).sort());
  expect(order).not.toEqual(requests.map(({ id }) => id));
  const bad = body.responses.filter(({ status: part }: { status: number }) => part !== 200);
  expect(bad).toMatchObject([{ id: "3", status: 404 }]);
});

test("a part may be throttled alone", async () => {
  const caller = await startCaller();
  await caller.control("/fail-next", { path: "/v1.0/groups", status: 429, code: "TooManyRequests", retryAfter: 4 });
  const requests = [
    { id: "a", method: "GET", url: "/users" },
    { id: "b", method: "GET", url: "/groups" },
  ];
  const { body } = await caller.send("POST", "/v1.0/$batch", { requests });
  const byId = new Map(body.responses.map((part: { id: string }) => [part.id, part]));
  expect(byId.get("a")).toMatchObject({ status: 200 });
  expect(byId.get("b")).toMatchObject({ status: 429, headers: { "retry-after": "4" } });
});

test.each([
  [
    "more than twenty parts",
    Array.from({ length: 21 }, (_, index) => ({ id: String(index), method: "GET", url: "/users" })),
  ],
  ["one id twice", [1, 2].map(() => ({ id: "same", method: "GET", url: "/users" }))],
  ["no part", []],
])("a batch of %s is refused as a whole", async (_, requests) => {
  const caller = await startCaller();
  expect((await caller.send("POST", "/v1.0/$batch", { requests })).status).toBe(400);
});

test("a part that needs another one fails with it", async () => {
  const caller = await startCaller();
  const requests = [
    { id: "1", method: "GET", url: "/users/nobody" },
    { id: "2", method: "GET", url: "/users", dependsOn: ["1"] },
  ];
  const { body } = await caller.send("POST", "/v1.0/$batch", { requests });
  expect(body.responses.find(({ id }: { id: string }) => id === "2").status).toBe(424);
});

test("Intune's errors carry their text as JSON in the message; the directory's do not", async () => {
  const caller = await startCaller();
  const intune = await caller.get(`${APPS}/none`);
  expect(JSON.parse(intune.body.error.message).Message).toContain("could not be found");
  expect(intune.body.error.innerError["request-id"]).toEqual(expect.any(String));
  expect((await caller.get("/v1.0/users/none")).body.error.message).toContain("does not exist");
  await caller.control("/switches", { intuneErrors: "plain" });
  expect((await caller.get(`${APPS}/none`)).body.error.message).toContain("could not be found");
});

test("v1.0 has fewer fields, no Mac apps and no calls of beta", async () => {
  const caller = await startCaller({ apps: 5 });
  const id = appId(caller);
  const beta = (await caller.get(`${APPS}/${id}`)).body;
  const v1 = (await caller.get(`/v1.0/deviceAppManagement/mobileApps/${id}`)).body;
  expect(beta).toHaveProperty("vppTokenId");
  expect(v1).not.toHaveProperty("vppTokenId");
  expect((await caller.get(`/v1.0/deviceAppManagement/mobileApps/${appId(caller, "App 5")}`)).status).toBe(404);
  const isMac = encodeURIComponent("isof('microsoft.graph.macOsVppApp')");
  expect((await caller.get(`${APPS}?$filter=${isMac}`)).body.value).toHaveLength(1);
  expect((await caller.get(`/v1.0/deviceAppManagement/mobileApps?$filter=${isMac}`)).status).toBe(400);
  const revoke = { userId: "x", notifyManagedDevices: false };
  expect(
    (await caller.send("POST", `/v1.0/deviceAppManagement/mobileApps/${id}/revokeUserLicense`, revoke)).status,
  ).toBe(400);
  const [token] = (await caller.get("/v1.0/deviceAppManagement/vppTokens")).body.value;
  expect(token).not.toHaveProperty("locationName");
});

test("a UDID is told only for one device, and only if it is asked for", async () => {
  const caller = await startCaller();
  const [device] = (await caller.get("/v1.0/deviceManagement/managedDevices")).body.value;
  expect(device.udid).toBe("");
  const place = `/v1.0/deviceManagement/managedDevices/${device.id}`;
  expect((await caller.get(place)).body.udid).toBe("");
  expect((await caller.get(`${place}?$select=id,udid`)).body.udid).toMatch(/^00008030-/);
});

test("a group is made once by its unique name, and only if the header says so", async () => {
  const caller = await startCaller();
  const place = "/v1.0/groups(uniqueName='mine')";
  const body = { displayName: "Mine", mailNickname: "mine", mailEnabled: false, securityEnabled: true };
  expect((await caller.send("PATCH", place, body)).status).toBe(404);
  const made = await caller.send("PATCH", place, body, { prefer: "create-if-missing" });
  expect(made.status).toBe(201);
  expect((await caller.send("PATCH", place, body, { prefer: "create-if-missing" })).status).toBe(204);
  expect((await caller.get(`${place}?$select=id`)).body.id).toBe(made.body.id);
});

test("members are bound twenty at a time, each once, and removed by reference", async () => {
  const caller = await startCaller({ users: 25 });
  const users = [...caller.world.users.keys()];
  const place = `/v1.0/groups/${groupId(caller, "Empty")}`;
  const bind = (ids: string[]) =>
    caller.send("PATCH", place, {
      "members@odata.bind": ids.map((id) => `https://graph.example/v1.0/directoryObjects/${id}`),
    });
  expect((await bind(users.slice(0, 21))).status).toBe(400);
  expect((await bind(users.slice(0, 20))).status).toBe(204);
  expect((await bind(users.slice(19, 21))).status).toBe(400);
  expect((await bind(["00000000-0000-4000-8000-000000000bad"])).status).toBe(404);
  expect((await caller.send("DELETE", `${place}/members/${users[0]}/$ref`)).status).toBe(204);
  expect((await caller.send("DELETE", `${place}/members/${users[0]}/$ref`)).status).toBe(404);
  expect((await caller.get(`${place}/members`)).body.value).toHaveLength(19);
});

test("nested members are members of the whole, and a cast of them is an advanced query", async () => {
  const caller = await startCaller();
  const place = `/v1.0/groups/${groupId(caller, "Nested pilots")}`;
  expect((await caller.get(`${place}/members`)).body.value).toHaveLength(1);
  const all = (await caller.get(`${place}/transitiveMembers`)).body.value;
  expect(all.map((member: Record<string, string>) => member["@odata.type"]).sort()).toEqual([
    "#microsoft.graph.device",
    "#microsoft.graph.device",
    "#microsoft.graph.device",
    "#microsoft.graph.group",
  ]);
  const cast = `${place}/transitiveMembers/microsoft.graph.device?$count=true`;
  expect((await caller.get(cast)).status).toBe(400);
  expect((await caller.get(cast, { ConsistencyLevel: "eventual" })).body["@odata.count"]).toBe(3);
});

test("deltas of groups: everything, then what changed, with what is gone, until the link is too old", async () => {
  const caller = await startCaller({ switches: { pageSize: 4 } });
  let page = await caller.get("/v1.0/groups/delta?$select=displayName,members");
  const names: string[] = [];
  while (page.body["@odata.nextLink"]) {
    names.push(...page.body.value.map(({ displayName }: { displayName: string }) => displayName));
    page = await caller.get(page.body["@odata.nextLink"]);
  }
  expect(names).toContain("All devices");
  const delta = page.body["@odata.deltaLink"];
  expect((await caller.get(delta)).body.value).toEqual([]);
  const [user] = caller.world.users.keys();
  await caller.control("/change-members", { group: "Empty", add: [user] });
  await caller.control("/change-members", { group: "Pilot users", remove: [user] });
  await caller.send("DELETE", `/v1.0/groups/${groupId(caller, "Nested pilots")}`);
  const changes = (await caller.get(delta)).body.value;
  expect(changes).toMatchObject([
    { displayName: "Empty", "members@delta": [{ id: user }] },
    { displayName: "Pilot users", "members@delta": [{ id: user, "@removed": { reason: "deleted" } }] },
    { "@removed": { reason: "changed" } },
  ]);
  await caller.control("/expire-deltas");
  const gone = await caller.get(delta);
  expect([gone.status, gone.body.error.code]).toEqual([410, "syncStateNotFound"]);
  expect((await caller.get("/v1.0/groups/delta?$top=1")).status).toBe(400);
  const latest = await caller.get("/v1.0/groups/delta?$deltatoken=latest");
  expect(latest.body).toMatchObject({ value: [], "@odata.deltaLink": expect.any(String) });
});

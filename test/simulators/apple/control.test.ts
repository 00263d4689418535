import { expect, test } from "vitest";
import { adamIdOf, send, serials, startCaller } from "./apple-caller.js";

test("GET / lists every call with what it does", async () => {
  const { simulator } = await startCaller();
  const { body } = await send(`${simulator.controlUrl}/`, {});
  const calls = body.calls as { method: string; path: string; about: string; input: object }[];
  const paths =
    "/purchase /refund /assign /unassign /take-over /revoke-token /expire-token /renew-token /slow /fail-next /hold " +
    "/release /accept-invitation /switches /state /token-file /location /finish-events /fail-next-event /forget-events " +
    "/deliver-notifications /transfer /unavailable /change-password /token-kind /forget-versions /distort /remove-app " +
    "/restore-app /create-user /retire-user";
  expect(calls.map((call) => call.path).sort()).toEqual(paths.split(" ").sort());
  expect(calls.every((call) => call.about.length > 10)).toBe(true);
});

test("a purchase raises total and available, and can bring a new app with metadata", async () => {
  const caller = await startCaller();
  const adamId = adamIdOf(caller, 0);
  const before = (await caller.get(`/assets?adamId=${adamId}`)).body;
  await caller.control("/purchase", { adamId, count: 5 });
  const after = (await caller.get(`/assets?adamId=${adamId}`)).body;
  expect(after.assets?.[0]?.totalCount).toBe(Number(before.assets?.[0]?.totalCount) + 5);
  expect(after.assets?.[0]?.availableCount).toBe(Number(before.assets?.[0]?.availableCount) + 5);
  expect(after.versionId).not.toBe(before.versionId);
  await caller.control("/purchase", { adamId: "777", count: 2 });
  expect((await caller.get("/assets?adamId=777")).body.assets).toMatchObject([{ totalCount: 2, productType: "App" }]);
  expect(caller.simulator.world.catalog.find("777")?.bundleId).toMatch(/^com\.example\./);
});

test("a refund below the assigned count keeps the assignments; available is zero or negative by switch", async () => {
  const caller = await startCaller({ apps: 1, licenses: 10, assigned: 8 });
  const adamId = adamIdOf(caller, 0);
  await caller.control("/refund", { adamId, count: 5 });
  const read = async () => (await caller.get("/assets")).body.assets?.[0];
  expect(await read()).toMatchObject({ totalCount: 5, assignedCount: 8, availableCount: 0 });
  await caller.control("/switches", { overdrawn: "negative" });
  expect(await read()).toMatchObject({ totalCount: 5, assignedCount: 8, availableCount: -3 });
  const event = await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["LATE"] });
  expect(event.failures?.[0]?.errorNumber).toBe(9709);
});

test("foreign assignments and returns by hand take effect at once and are in the delta", async () => {
  const caller = await startCaller({ users: 1 });
  const adamId = adamIdOf(caller, 0);
  const { versionId } = (await caller.get("/assignments")).body;
  const clientUserId = (await caller.get("/users")).body.users?.[0]?.clientUserId;
  expect((await caller.control("/assign", { adamId, serialNumber: "HAND" })).status).toBe(200);
  expect((await caller.control("/assign", { adamId, clientUserId })).status).toBe(200);
  expect((await caller.get(`/assignments?sinceVersionId=${versionId}`)).body.size).toBe(2);
  expect((await caller.control("/unassign", { adamId, serialNumber: "HAND" })).status).toBe(200);
  expect((await caller.get("/assignments")).body.assignments).toMatchObject([{ clientUserId }]);
});

test("a second MDM that takes over is visible on every later answer", async () => {
  const caller = await startCaller();
  const mdmInfo = { id: "other", name: "Other MDM", metadata: "theirs" };
  await caller.control("/take-over", mdmInfo);
  expect((await caller.get("/assets")).body.mdmInfo).toEqual(mdmInfo);
  expect((await caller.get("/client/config")).body.mdmInfo).toEqual(mdmInfo);
});

test("a location added over HTTP has its own token, and calls can name it", async () => {
  const caller = await startCaller();
  const added = await caller.control("/location", {
    name: "School",
    platform: "volumestore",
    apps: 2,
    licenses: 20,
    expDate: "2030-01-02T03:04:05Z",
  });
  const token = added.body.tokenFile as string;
  const config = (await caller.get("/client/config", token)).body;
  expect(config).toMatchObject({ defaultPlatform: "volumestore", tokenExpirationDate: "2030-01-02T03:04:05+0000" });
  await caller.control("/purchase", { adamId: "777", count: 1, location: "School" });
  await caller.control("/revoke-token", { location: config.uId });
  expect((await caller.get("/assets", token)).body.errorNumber).toBe(9625);
  expect((await caller.get("/assets")).body.assets).toHaveLength(3);
});

test("the state shows counts, rows, users, events, mdmInfo and requests with their bodies", async () => {
  const caller = await startCaller({ users: 2, assigned: 5 });
  await caller.finish("/assets/associate", { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["A"] });
  const state = (await caller.state()) as {
    locations: Record<string, unknown>[];
    requests: { method: string; path: string; body: unknown; at: string; answer: unknown }[];
  };
  expect(state.locations[0]).toMatchObject({
    uId: "2000000000000001",
    mdmInfo: null,
    counts: { assets: 3, assignments: 6, users: 2, events: 1, pendingEvents: 0 },
    events: [{ eventType: "ASSOCIATE", eventStatus: "COMPLETE" }],
  });
  expect(state.locations[0]?.assignments).toHaveLength(6);
  expect(state.requests[0]).toMatchObject({
    method: "POST",
    path: "/mdm/v2/assets/associate",
    body: { serialNumbers: ["A"] },
    answer: 200,
  });
  const short = (await send(`${caller.simulator.controlUrl}/state?limit=2`, {})).body as unknown as typeof state;
  expect(short.locations[0]?.assignments).toHaveLength(2);
  expect(short.requests).toHaveLength(2);
});

test.each([
  ["/purchase", { adamId: "1" }, /count/],
  ["/purchase", { adamId: "x", count: 1 }, /adamId/],
  ["/purchase", { adamId: "6440000001", count: 1, location: "Nowhere" }, /no location/],
  ["/purchase", { adamId: "6440000001", pricingParam: "PLUS", count: 1 }, /book/],
  ["/refund", { adamId: "6440000001", count: 99999 }, /licenses are owned/],
  ["/refund", { adamId: "12", count: 1 }, /does not own/],
  ["/assign", { adamId: "6440000001" }, /either/],
  ["/assign", { adamId: "6440000001", serialNumber: "A", serialNumbers: ["A"] }, /twice/],
  ["/assign", { adamId: "6440000001", serialNumbers: serials(301) }, /available/],
  ["/assign", { adamId: "6440000001", clientUserId: "ghost" }, /ghost/],
  ["/unassign", { adamId: "6440000001", serialNumber: "NONE" }, /not assigned/],
  ["/take-over", { id: "a" }, /name/],
  ["/slow", { ms: -1 }, /ms/],
  ["/unavailable", {}, /either/],
  ["/unavailable", { ms: 1, answer: 9603 }, /answer/],
  ["/token-kind", { kind: "gold" }, /kind/],
  ["/distort", { adamId: "12", set: { totalCount: 1 } }, /does not own/],
  ["/remove-app", { adamId: "12" }, /does not own/],
  ["/restore-app", { adamId: "6440000001" }, /not removed/],
  ["/transfer", { adamId: "6440000001", count: 1, from: "Example Location 1", to: "Example Location 1" }, /two/],
  ["/create-user", { clientUserId: "" }, /clientUserId/],
  ["/retire-user", { clientUserId: "ghost" }, /ghost/],
  ["/deliver-notifications", { again: "all" }, /again/],
  ["/fail-next", { count: 1 }, /Choose one/],
  ["/fail-next", { errorNumber: 9603, drop: true }, /Choose one/],
  ["/fail-next", { errorNumber: 1 }, /errorNumber/],
  ["/fail-next", { drop: true, path: "/nowhere" }, /path/],
  ["/hold", { path: "/nowhere" }, /path/],
  ["/switches", { pageSize: 0 }, /pageSize/],
  ["/switches", { speed: 1 }, /speed/],
  ["/accept-invitation", { clientUserId: "ghost" }, /ghost/],
  ["/location", { name: "X", platform: "moon" }, /platform/],
  ["/location", { name: "X", licenses: 1, assigned: 2 }, /At most/],
])("%s with bad input is 400 with a sentence: case %#", async (path, input, sentence) => {
  const { control } = await startCaller();
  const { status, body } = await control(path, input);
  expect(status).toBe(400);
  expect(body.error).toMatch(sentence);
});

test("a body that is not JSON is 400, an unknown call 404", async () => {
  const { simulator } = await startCaller();
  const notJson = await send(`${simulator.controlUrl}/slow`, { method: "POST", body: "{" });
  expect([notJson.status, notJson.body.error]).toEqual([400, "The body is not JSON."]);
  expect((await send(`${simulator.controlUrl}/nothing`, { method: "POST" })).status).toBe(404);
});

test("the control plane is not reachable on the Apple side", async () => {
  const { simulator, get } = await startCaller();
  const { origin } = new URL(simulator.baseUrl);
  expect((await send(`${origin}/state`, {})).status).toBe(404);
  expect((await get("/state")).status).toBe(404);
});

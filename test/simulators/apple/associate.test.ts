import { expect, test } from "vitest";
import { adamIdOf, serials, startCaller } from "./apple-caller.js";

const HOUR_MS = 3_600_000;

test("an association is PENDING and invisible until its event ends, then COMPLETE and visible", async () => {
  const caller = await startCaller({ switches: { eventDelayMs: HOUR_MS } });
  const adamId = adamIdOf(caller, 0);
  const { status, body } = await caller.post("/assets/associate", { assets: [{ adamId }], serialNumbers: ["A", "B"] });
  expect(status).toBe(200);
  const ask = async () => (await caller.get(`/status?eventId=${body.eventId}`)).body;
  expect(await ask()).toMatchObject({
    eventStatus: "PENDING",
    eventType: "ASSOCIATE",
    numRequested: 2,
    numCompleted: 0,
  });
  expect((await caller.get("/assignments")).body.assignments).toEqual([]);
  await caller.control("/finish-events");
  const done = await ask();
  expect(done).toMatchObject({ eventStatus: "COMPLETE", numRequested: 2, numCompleted: 2 });
  expect(done).not.toHaveProperty("failures");
  expect((await caller.get(`/assignments?adamId=${adamId}`)).body.size).toBe(2);
  expect((await caller.get(`/assets?adamId=${adamId}`)).body.assets?.[0]?.assignedCount).toBe(2);
});

test("the tasks are the cross product of assets with users and devices", async () => {
  const caller = await startCaller({ users: 4 });
  const clientUserIds = ((await caller.get("/users")).body.users ?? []).map((row) => row.clientUserId);
  const event = await caller.finish("/assets/associate", {
    assets: [{ adamId: adamIdOf(caller, 0) }, { adamId: adamIdOf(caller, 1), pricingParam: "STDQ" }],
    clientUserIds,
    serialNumbers: serials(4),
  });
  expect(event).toMatchObject({ eventStatus: "COMPLETE", numRequested: 16, numCompleted: 16 });
  expect((await caller.get("/assignments")).body.size).toBe(16);
});

test("associating a pair again succeeds and takes no second licence", async () => {
  const caller = await startCaller();
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["A"] };
  await caller.finish("/assets/associate", order);
  expect(await caller.finish("/assets/associate", order)).toMatchObject({ eventStatus: "COMPLETE", numCompleted: 1 });
  expect((await caller.get("/assignments")).body.size).toBe(1);
});

test("a shortage fails only the excess, in the order of the request", async () => {
  const caller = await startCaller({ apps: 1, licenses: 3 });
  const adamId = adamIdOf(caller, 0);
  const event = await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: serials(5) });
  expect(event).toMatchObject({ eventStatus: "FAILED", numRequested: 5, numCompleted: 3 });
  expect(event.failures).toMatchObject([
    {
      errorNumber: 9709,
      errorInfo: { assets: [{ adamId, pricingParam: "STDQ" }], serialNumbers: ["SERIAL-4", "SERIAL-5"] },
    },
  ]);
  expect((await caller.get("/assets")).body.assets?.[0]).toMatchObject({ assignedCount: 3, availableCount: 0 });
});

test("with the switch shortage=asset every new holder of that asset fails, other assets succeed", async () => {
  const caller = await startCaller({ apps: 2, licenses: 40, switches: { shortage: "asset" } });
  const [scarce, plenty] = [adamIdOf(caller, 0), adamIdOf(caller, 1)];
  const total = Number((await caller.get(`/assets?adamId=${scarce}`)).body.assets?.[0]?.totalCount);
  await caller.control("/refund", { adamId: scarce, count: total - 2 });
  const event = await caller.finish("/assets/associate", {
    assets: [{ adamId: scarce }, { adamId: plenty }],
    serialNumbers: serials(3),
  });
  expect(event).toMatchObject({ eventStatus: "FAILED", numRequested: 6, numCompleted: 3 });
  expect((await caller.get(`/assignments?adamId=${scarce}`)).body.size).toBe(0);
  expect((await caller.get(`/assignments?adamId=${plenty}`)).body.size).toBe(3);
});

test("an asset that the location does not own is a shortage of all its tasks", async () => {
  const caller = await startCaller();
  const event = await caller.finish("/assets/associate", { assets: [{ adamId: "99" }], serialNumbers: ["A"] });
  expect(event).toMatchObject({ eventStatus: "FAILED", numCompleted: 0, failures: [{ errorNumber: 9709 }] });
});

test("an unlimited asset has no shortage", async () => {
  const caller = await startCaller({ apps: 10, licenses: 0 });
  const event = await caller.finish("/assets/associate", {
    assets: [{ adamId: "6430000004" }],
    serialNumbers: serials(500),
  });
  expect(event).toMatchObject({ eventStatus: "COMPLETE", numCompleted: 500 });
});

test("each unknown user is one failure and costs a task an asset", async () => {
  const caller = await startCaller({ users: 1 });
  const known = (await caller.get("/users")).body.users?.[0]?.clientUserId;
  const event = await caller.finish("/assets/associate", {
    assets: [{ adamId: adamIdOf(caller, 0) }, { adamId: adamIdOf(caller, 1) }],
    clientUserIds: [known, "ghost-1", "ghost-2"],
  });
  expect(event).toMatchObject({ eventStatus: "FAILED", numRequested: 6, numCompleted: 2 });
  expect(event.failures).toMatchObject([
    { errorNumber: 9609, errorInfo: { clientUserIds: ["ghost-1"] } },
    { errorNumber: 9609, errorInfo: { clientUserIds: ["ghost-2"] } },
  ]);
});

test("with the switch unknownUser=sync the request is refused at once and nothing starts", async () => {
  const caller = await startCaller({ users: 1, switches: { unknownUser: "sync" } });
  const assets = [{ adamId: adamIdOf(caller, 0) }];
  for (const [path, body] of [
    ["/assets/associate", { assets, clientUserIds: ["ghost"] }],
    ["/assets/disassociate", { assets, clientUserIds: ["ghost"] }],
    ["/assets/revoke", { clientUserIds: ["ghost"] }],
    ["/users/retire", { users: [{ clientUserId: "ghost" }] }],
  ] as const) {
    const { status, body: refused } = await caller.post(path, body);
    expect([status, refused.errorNumber]).toEqual([400, 9609]);
    expect(refused.errorInfo).toEqual({ clientUserIds: ["ghost"] });
  }
  expect(caller.simulator.world.locations[0]?.events.list()).toEqual([]);
});

test("a Registered user who has not accepted yet can hold a licence", async () => {
  const caller = await startCaller();
  await caller.finish("/users/create", { users: [{ clientUserId: "invited" }] });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], clientUserIds: ["invited"] };
  expect(await caller.finish("/assets/associate", order)).toMatchObject({ eventStatus: "COMPLETE" });
});

test("a device order for an asset that is not for devices is 9707", async () => {
  const caller = await startCaller({ apps: 10, licenses: 100, users: 1 });
  const { status, body } = await caller.post("/assets/associate", {
    assets: [{ adamId: adamIdOf(caller, 0) }, { adamId: "6430000002" }],
    serialNumbers: ["A"],
  });
  expect([status, body.errorNumber]).toEqual([400, 9707]);
  expect(body.errorInfo).toEqual({ assets: [{ adamId: "6430000002", pricingParam: "STDQ" }] });
});

const asset = { adamId: "1" };
test.each([
  [9718, {}],
  [9718, { assets: [], serialNumbers: ["A"] }],
  [9719, { assets: [asset] }],
  [9719, { assets: [asset], serialNumbers: [], clientUserIds: [] }],
  [9700, { assets: Array.from({ length: 26 }, (_, id) => ({ adamId: String(id) })), serialNumbers: ["A"] }],
  [9701, { assets: [asset], clientUserIds: serials(1001) }],
  [9702, { assets: [asset], serialNumbers: serials(1001) }],
  [9703, { assets: [asset, { adamId: "1", pricingParam: "STDQ" }], serialNumbers: ["A"] }],
  [9704, { assets: [asset], clientUserIds: ["u", "u"] }],
  [9705, { assets: [asset], serialNumbers: ["A", "B", "A"] }],
  [9602, { assets: "1", serialNumbers: ["A"] }],
  [9602, { assets: [{ adamId: 1 }], serialNumbers: ["A"] }],
  [9602, { assets: [{ adamId: "1", pricingParam: "GOLD" }], serialNumbers: ["A"] }],
  [9602, { assets: [asset], serialNumbers: [5] }],
  [9602, { assets: [asset], serialNumbers: [""] }],
])("a bad order is %i and starts nothing: case %#", async (errorNumber, order) => {
  const caller = await startCaller();
  for (const path of ["/assets/associate", "/assets/disassociate"]) {
    const { status, body } = await caller.post(path, order);
    expect([status, body.errorNumber]).toEqual([400, errorNumber]);
    expect(body).not.toHaveProperty("eventId");
  }
  expect(caller.simulator.world.locations[0]?.events.list()).toEqual([]);
});

test("an order of exactly the limits is accepted", async () => {
  const caller = await startCaller({ apps: 25, licenses: 1000, switches: { eventDelayMs: HOUR_MS } });
  const assets = Array.from({ length: 25 }, (_, index) => ({ adamId: String(index + 1) }));
  const order = { assets, serialNumbers: serials(1000), clientUserIds: serials(1000, "user") };
  const { eventId } = (await caller.post("/assets/associate", order)).body;
  expect((await caller.get(`/status?eventId=${eventId}`)).body.numRequested).toBe(50_000);
});

test("changed limits are announced and enforced", async () => {
  const caller = await startCaller({ switches: { limits: { maxSerialNumbers: 2 } } });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(3) };
  expect((await caller.get("/service/config")).body.limits).toMatchObject({ maxSerialNumbers: 2, maxAssets: 25 });
  expect((await caller.post("/assets/associate", order)).body.errorNumber).toBe(9702);
});

import { expect, test } from "vitest";
import { adamIdOf, serials, startCaller } from "./apple-caller.js";
import { notificationCounts, subscribe } from "./notification-receiver.js";

test("a finished association is told with the secret, the event's id and its rows", async () => {
  const caller = await startCaller();
  const receiver = await subscribe(caller);
  const adamId = adamIdOf(caller, 0);
  const { eventId } = (await caller.post("/assets/associate", { assets: [{ adamId }], serialNumbers: ["A", "B"] }))
    .body;
  const [told] = await receiver.arrived("ASSET_MANAGEMENT", 1);
  expect(told?.headers.authorization).toBe("Bearer secret-1");
  expect(told?.headers["content-type"]).toBe("application/json");
  expect(told?.body).toEqual({
    notificationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    notificationType: "ASSET_MANAGEMENT",
    uId: "2000000000000001",
    notification: {
      type: "ASSOCIATE",
      result: "SUCCESS",
      eventId,
      assignments: ["A", "B"].map((serialNumber) => ({ adamId, pricingParam: "STDQ", serialNumber })),
    },
  });
});

test("an event is told asset by asset, in parts of at most a hundred rows", async () => {
  const caller = await startCaller({ apps: 2, licenses: 1000 });
  const receiver = await subscribe(caller);
  const assets = [0, 1].map((index) => ({ adamId: adamIdOf(caller, index) }));
  await caller.finish("/assets/associate", { assets, serialNumbers: serials(250) });
  const told = await receiver.arrived("ASSET_MANAGEMENT", 6);
  expect(told.map(({ body }) => body.notification.assignments?.length)).toEqual([100, 100, 50, 100, 100, 50]);
  for (const { body } of told) expect(new Set(body.notification.assignments?.map((row) => row.adamId)).size).toBe(1);
  expect(new Set(told.map(({ body }) => body.notificationId)).size).toBe(6);
});

test("what fails is told apart from what succeeds, with the error", async () => {
  const caller = await startCaller({ apps: 1, licenses: 3 });
  const receiver = await subscribe(caller);
  const adamId = adamIdOf(caller, 0);
  await caller.finish("/assets/associate", {
    assets: [{ adamId }],
    clientUserIds: ["ghost"],
    serialNumbers: serials(5),
  });
  const told = await receiver.arrived("ASSET_MANAGEMENT", 3);
  const shown = told.map(({ body: { notification } }) => [
    notification.result,
    (notification.error as { errorNumber: number } | undefined)?.errorNumber,
    notification.assignments?.length,
  ]);
  expect(shown).toEqual(
    expect.arrayContaining([
      ["SUCCESS", undefined, 3],
      ["FAILURE", 9709, 2],
      ["FAILURE", 9609, 1],
    ]),
  );
});

test("an event that fails as a whole is told as a failure of all its rows", async () => {
  const caller = await startCaller();
  const receiver = await subscribe(caller);
  await caller.control("/fail-next-event", { errorNumber: 9644 });
  await caller.finish("/assets/associate", { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["A"] });
  const [told] = await receiver.arrived("ASSET_MANAGEMENT", 1);
  expect(told?.body.notification).toMatchObject({
    result: "FAILURE",
    error: { errorNumber: 9644 },
    assignments: [{ serialNumber: "A" }],
  });
});

test("a disassociation and a revocation are told with what they took", async () => {
  const caller = await startCaller();
  const assets = [0, 1].map((index) => ({ adamId: adamIdOf(caller, index) }));
  await caller.finish("/assets/associate", { assets, serialNumbers: ["A", "B"] });
  const receiver = await subscribe(caller);
  await caller.finish("/assets/disassociate", { assets: assets.slice(0, 1), serialNumbers: ["A"] });
  const [returned] = await receiver.arrived("ASSET_MANAGEMENT", 1);
  expect(returned?.body.notification).toMatchObject({ type: "DISASSOCIATE", assignments: [{ serialNumber: "A" }] });
  await caller.finish("/assets/revoke", { serialNumbers: ["B"] });
  const revoked = (await receiver.arrived("ASSET_MANAGEMENT", 3)).slice(1);
  expect(revoked.map(({ body }) => body.notification.type)).toEqual(["REVOKE", "REVOKE"]);
  expect(revoked.flatMap(({ body }) => body.notification.assignments ?? []).map((row) => row.serialNumber)).toEqual([
    "B",
    "B",
  ]);
});

test("purchases, refunds and transfers are told as signed deltas", async () => {
  const caller = await startCaller();
  const other = caller.simulator.addLocation({ name: "Other", apps: 1, licenses: 0 });
  const receiver = await subscribe(caller);
  const adamId = adamIdOf(caller, 0);
  await caller.control("/purchase", { adamId, count: 5 });
  await caller.control("/refund", { adamId, count: 2 });
  await caller.control("/transfer", { adamId, count: 3, from: "Example Location 1", to: other.identity.uId });
  const told = await receiver.arrived("ASSET_COUNT", 3);
  expect(told.map(({ body }) => body.notification)).toEqual(
    [5, -2, -3].map((countDelta) => ({ adamId, pricingParam: "STDQ", countDelta })),
  );
});

test("assignments by hand are told with an event id that nobody was given", async () => {
  const caller = await startCaller();
  const receiver = await subscribe(caller);
  const adamId = adamIdOf(caller, 0);
  await caller.control("/assign", { adamId, serialNumber: "HAND" });
  await caller.control("/unassign", { adamId, serialNumber: "HAND" });
  const told = (await receiver.arrived("ASSET_MANAGEMENT", 2)).map(({ body }) => body.notification);
  expect(told.map(({ type }) => type)).toEqual(["ASSOCIATE", "DISASSOCIATE"]);
  expect(told[0]?.eventId).not.toBe(told[1]?.eventId);
  expect((await caller.get(`/status?eventId=${told[0]?.eventId}`)).body.errorNumber).toBe(9708);
});

test("users are told when they are created, changed and retired, and when one accepts", async () => {
  const caller = await startCaller();
  const receiver = await subscribe(caller);
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1", email: "one@example.com" }] });
  await caller.control("/accept-invitation", { clientUserId: "u-1" });
  const [accepted] = await receiver.arrived("USER_ASSOCIATED", 1);
  expect(accepted?.body.notification).toEqual({
    associatedUsers: [
      { clientUserId: "u-1", email: "one@example.com", status: "Associated", idHash: expect.any(String) },
    ],
  });
  await caller.finish("/users/update", { users: [{ clientUserId: "u-1", email: "two@example.com" }] });
  await caller.finish("/users/retire", { users: [{ clientUserId: "u-1" }, { clientUserId: "ghost" }] });
  const told = (await receiver.arrived("USER_MANAGEMENT", 4)).map(({ body }) => body.notification);
  expect(told.map(({ type, result }) => [type, result])).toEqual([
    ["CREATE", "SUCCESS"],
    ["UPDATE", "SUCCESS"],
    ["RETIRE", "SUCCESS"],
    ["RETIRE", "FAILURE"],
  ]);
  expect(told[0]?.users).toMatchObject([{ status: "Registered", inviteCode: expect.any(String) }]);
  expect(told[2]?.users).toMatchObject([{ clientUserId: "u-1", email: "two@example.com", status: "Retired" }]);
  expect(told[3]).toMatchObject({ users: [{ clientUserId: "ghost" }], error: { errorNumber: 9609 } });
});

test("a retirement also tells of the licences that it freed", async () => {
  const caller = await startCaller();
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1" }] });
  await caller.finish("/assets/associate", { assets: [{ adamId: adamIdOf(caller, 0) }], clientUserIds: ["u-1"] });
  const receiver = await subscribe(caller);
  const { eventId } = (await caller.post("/users/retire", { users: [{ clientUserId: "u-1" }] })).body;
  const [told] = await receiver.arrived("ASSET_MANAGEMENT", 1);
  expect(told?.body.notification).toMatchObject({ type: "DISASSOCIATE", assignments: [{ clientUserId: "u-1" }] });
  expect(told?.body.notification.eventId).not.toBe(eventId);
});

test("only subscribed types are sent, and none without an address", async () => {
  const caller = await startCaller();
  const adamId = adamIdOf(caller, 0);
  await caller.control("/purchase", { adamId, count: 1 });
  const receiver = await subscribe(caller, ["ASSET_MANAGEMENT"]);
  await caller.control("/purchase", { adamId, count: 1 });
  await caller.control("/assign", { adamId, serialNumber: "A" });
  await receiver.arrived("ASSET_MANAGEMENT", 1);
  expect(receiver.received.map(({ body }) => body.notificationType)).toEqual(["TEST_NOTIFICATION", "ASSET_MANAGEMENT"]);
  expect(await notificationCounts(caller)).toMatchObject({ sent: 1, delivered: 1, refused: 0, lost: 0, pending: 0 });
});

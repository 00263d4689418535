import { expect, test } from "vitest";
import { adamIdOf, startCaller } from "./apple-caller.js";

test("a created user is Registered with an invite code and no account", async () => {
  const caller = await startCaller();
  const users = [{ clientUserId: "u-1", email: "one@example.com" }];
  const event = await caller.finish("/users/create", { users });
  expect(event).toMatchObject({ eventStatus: "COMPLETE", eventType: "CREATE", numRequested: 1, numCompleted: 1 });
  expect((await caller.get("/users")).body.users).toEqual([
    {
      clientUserId: "u-1",
      email: "one@example.com",
      status: "Registered",
      inviteCode: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
  ]);
});

test("a user created with a managed account of the organisation is Associated at once", async () => {
  const caller = await startCaller();
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1", managedAppleId: "One@example.com" }] });
  const [user] = (await caller.get("/users")).body.users ?? [];
  expect(user).toMatchObject({ status: "Associated", idHash: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/) });
  expect(user).not.toHaveProperty("inviteCode");
});

test("foreign and bad managed accounts are 9635, linked ones 9641, taken ids 9716, and the others are done", async () => {
  const caller = await startCaller({ switches: { badManagedAppleIds: ["bad@example.com"] } });
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1", managedAppleId: "one@example.com" }] });
  const event = await caller.finish("/users/create", {
    users: [
      { clientUserId: "u-2", managedAppleId: "two@elsewhere.example" },
      { clientUserId: "u-3", managedAppleId: "bad@example.com" },
      { clientUserId: "u-4", managedAppleId: "one@example.com" },
      { clientUserId: "u-1" },
      { clientUserId: "u-5" },
    ],
  });
  expect(event).toMatchObject({ eventStatus: "FAILED", numRequested: 5, numCompleted: 1 });
  expect(event.failures?.map((failure) => [failure.errorNumber, failure.errorInfo?.clientUserIds])).toEqual([
    [9635, ["u-2"]],
    [9635, ["u-3"]],
    [9641, ["u-4"]],
    [9716, ["u-1"]],
  ]);
  expect((await caller.get("/users")).body.users?.map((user) => user.clientUserId)).toEqual(["u-1", "u-5"]);
});

test("an update changes the e-mail, links a managed account, and refuses an unknown user", async () => {
  const caller = await startCaller();
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1" }] });
  const event = await caller.finish("/users/update", {
    users: [
      { clientUserId: "u-1", email: "new@example.com", managedAppleId: "one@example.com" },
      { clientUserId: "ghost" },
    ],
  });
  expect(event).toMatchObject({
    eventStatus: "FAILED",
    eventType: "UPDATE",
    numCompleted: 1,
    failures: [{ errorNumber: 9609 }],
  });
  expect((await caller.get("/users")).body.users).toMatchObject([{ email: "new@example.com", status: "Associated" }]);
});

test("retiring frees what is revocable, keeps the rest as retired, and hides the invite code", async () => {
  const caller = await startCaller({ apps: 10, licenses: 200 });
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1" }] });
  const assets = [{ adamId: adamIdOf(caller, 0) }, { adamId: "6430000001" }];
  await caller.finish("/assets/associate", { assets, clientUserIds: ["u-1"] });
  const event = await caller.finish("/users/retire", { users: [{ clientUserId: "u-1" }] });
  expect(event).toMatchObject({ eventStatus: "COMPLETE", eventType: "RETIRE" });
  expect((await caller.get("/users")).body.users).toEqual([{ clientUserId: "u-1", status: "Retired" }]);
  expect((await caller.get("/assignments")).body.assignments?.map((row) => row.adamId)).toEqual(["6430000001"]);
  const [book] = (await caller.get("/assets?productType=Book")).body.assets ?? [];
  expect(book).toMatchObject({ assignedCount: 0, retiredCount: 1 });
  expect(Number(book?.totalCount)).toBe(Number(book?.availableCount) + 1);
});

test("a retired user cannot be retired again, and the account is free for another", async () => {
  const caller = await startCaller();
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1", managedAppleId: "one@example.com" }] });
  await caller.finish("/users/retire", { users: [{ clientUserId: "u-1" }] });
  const again = await caller.finish("/users/retire", { users: [{ clientUserId: "u-1" }] });
  expect(again).toMatchObject({ eventStatus: "FAILED", failures: [{ errorNumber: 9609 }] });
  const next = await caller.finish("/users/create", {
    users: [{ clientUserId: "u-2", managedAppleId: "one@example.com" }],
  });
  expect(next).toMatchObject({ eventStatus: "COMPLETE" });
});

test.each([
  [9720, {}],
  [9720, { users: [] }],
  [9714, { users: Array.from({ length: 101 }, (_, id) => ({ clientUserId: `u-${id}` })) }],
  [9715, { users: [{ clientUserId: "u" }, { clientUserId: "u" }] }],
  [9717, { users: [{ clientUserId: "u", email: "not an address" }] }],
  [9602, { users: [{ email: "a@example.com" }] }],
  [9602, { users: [{ clientUserId: 7 }] }],
  [9602, { users: ["u"] }],
])("a bad list of users is %i and starts nothing: case %#", async (errorNumber, order) => {
  const caller = await startCaller();
  for (const path of ["/users/create", "/users/update", "/users/retire"]) {
    const { status, body } = await caller.post(path, order);
    expect([status, body.errorNumber]).toEqual([400, errorNumber]);
  }
  expect(caller.simulator.world.locations[0]?.events.list()).toEqual([]);
});

test("accepting an invitation makes the user Associated and shows up in a delta", async () => {
  const caller = await startCaller();
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1" }] });
  const { versionId } = (await caller.get("/users")).body;
  expect((await caller.control("/accept-invitation", { clientUserId: "u-1" })).status).toBe(200);
  const [user] = (await caller.get(`/users?sinceVersionId=${versionId}`)).body.users ?? [];
  expect(user).toMatchObject({ clientUserId: "u-1", status: "Associated", idHash: expect.any(String) });
  expect(user).not.toHaveProperty("inviteCode");
  expect((await caller.control("/accept-invitation", { clientUserId: "u-1" })).status).toBe(400);
});

import { expect, test } from "vitest";
import { type AppleCaller, adamIdOf, send, serials, startCaller } from "./apple-caller.js";

const asset = async (caller: AppleCaller, adamId: string) =>
  (await caller.get(`/assets?adamId=${adamId}`)).body.assets?.[0];

test("ten thousand devices are assigned and unassigned in one call", async () => {
  const caller = await startCaller({ apps: 1, licenses: 10_000 });
  const adamId = adamIdOf(caller, 0);
  const { versionId } = (await caller.get("/assignments")).body;
  const all = { adamId, serialNumbers: serials(10_000) };
  expect((await caller.control("/assign", all)).body).toMatchObject({ assignedCount: 10_000, availableCount: 0 });
  expect((await caller.get(`/assignments?sinceVersionId=${versionId}`)).body.totalPages).toBe(10);
  expect((await caller.control("/unassign", all)).body).toMatchObject({ assignedCount: 0, availableCount: 10_000 });
  expect((await caller.get("/assignments")).body.size).toBe(0);
});

test("a call with lists does all or nothing, for devices and users together", async () => {
  const caller = await startCaller({ users: 2 });
  const clientUserIds = ((await caller.get("/users")).body.users ?? []).map((user) => user.clientUserId);
  const adamId = adamIdOf(caller, 0);
  await caller.control("/assign", { adamId, serialNumber: "B" });
  expect((await caller.control("/assign", { adamId, serialNumbers: ["A", "B"] })).status).toBe(400);
  expect((await caller.control("/unassign", { adamId, serialNumbers: ["B", "C"] })).status).toBe(400);
  expect((await caller.get("/assignments")).body.size).toBe(1);
  expect((await caller.control("/assign", { adamId, clientUserIds, serialNumbers: ["A"] })).status).toBe(200);
  expect((await caller.get("/assignments")).body.size).toBe(4);
});

test("a transfer moves free licences only, and brings the app to the other location", async () => {
  const caller = await startCaller({ apps: 1, licenses: 10, assigned: 4 });
  const other = caller.simulator.addLocation({ name: "Other", apps: 1, licenses: 0 });
  const adamId = adamIdOf(caller, 0);
  const from = "Example Location 1";
  expect((await caller.control("/transfer", { adamId, count: 7, from, to: "Other" })).status).toBe(400);
  expect((await caller.control("/transfer", { adamId, count: 6, from, to: "Other" })).status).toBe(200);
  expect(await asset(caller, adamId)).toMatchObject({ totalCount: 4, assignedCount: 4, availableCount: 0 });
  expect((await caller.get(`/assets?adamId=${adamId}`, other.token.text)).body.assets).toMatchObject([
    { totalCount: 6, availableCount: 6 },
  ]);
});

test("a removed app is in no list and unknown to the store, and comes back with what it had", async () => {
  const caller = await startCaller({ apps: 2, licenses: 40, assigned: 20, users: 2 });
  const adamId = adamIdOf(caller, 0);
  const before = await asset(caller, adamId);
  const { origin } = new URL(caller.simulator.baseUrl);
  const lookup = `${origin}/WebObjects/MZStorePlatform.woa/wa/lookup?id=${adamId}&p=mdm-lockup&caller=MDM`;
  const { versionId } = (await caller.get("/assets")).body;
  await caller.control("/remove-app", { adamId });
  expect(await asset(caller, adamId)).toBeUndefined();
  expect((await caller.get("/assets")).body.versionId).not.toBe(versionId);
  expect((await caller.get(`/assignments?adamId=${adamId}`)).body.size).toBe(0);
  expect((await send(lookup, {})).body.results).toEqual({});
  const order = { assets: [{ adamId }], serialNumbers: ["A"] };
  expect((await caller.finish("/assets/associate", order)).failures).toMatchObject([{ errorNumber: 9709 }]);
  expect((await caller.control("/purchase", { adamId, count: 1 })).status).toBe(400);
  await caller.control("/restore-app", { adamId });
  expect(await asset(caller, adamId)).toEqual(before);
  expect((await caller.get(`/assignments?adamId=${adamId}`)).body.size).toBe(before?.assignedCount);
  expect(Object.keys((await send(lookup, {})).body.results as object)).toEqual([adamId]);
});

test("a removed app may leave its assignments behind", async () => {
  const caller = await startCaller({ apps: 1, licenses: 5 });
  const adamId = adamIdOf(caller, 0);
  await caller.control("/assign", { adamId, serialNumbers: ["A", "B"] });
  await caller.control("/remove-app", { adamId, keepAssignments: true });
  expect((await caller.get("/assets")).body.assets).toEqual([]);
  expect((await caller.get("/assignments")).body.size).toBe(2);
  expect((await caller.get(`/assignments?adamId=${adamId}`)).body.size).toBe(2);
  expect((await caller.get(`/assignments?adamId=${adamId}&serialNumber=A`)).body.size).toBe(1);
  await caller.control("/restore-app", { adamId });
  expect(await asset(caller, adamId)).toMatchObject({ assignedCount: 2, availableCount: 3 });
});

test("other people create and retire users", async () => {
  const caller = await startCaller();
  const adamId = adamIdOf(caller, 0);
  await caller.control("/create-user", { clientUserId: "u-1", email: "one@example.com" });
  await caller.control("/create-user", { clientUserId: "u-2", managedAppleId: "two@example.com" });
  expect((await caller.control("/create-user", { clientUserId: "u-2" })).status).toBe(400);
  expect(
    (await caller.control("/create-user", { clientUserId: "u-3", managedAppleId: "two@example.com" })).status,
  ).toBe(400);
  await caller.control("/assign", { adamId, clientUserIds: ["u-1", "u-2"] });
  expect((await caller.control("/retire-user", { clientUserId: "u-1" })).body).toEqual({ freed: 1 });
  expect((await caller.get("/users")).body.users).toMatchObject([
    { clientUserId: "u-1", status: "Retired" },
    { clientUserId: "u-2", status: "Associated" },
  ]);
  expect((await caller.get("/assignments")).body.assignments).toMatchObject([{ clientUserId: "u-2" }]);
});

test.each([
  ["a negative count", { set: { assignedCount: -1 } }, { assignedCount: -1 }],
  ["more assigned than owned", { set: { assignedCount: 999_999 } }, { assignedCount: 999_999 }],
  ["an unknown value", { set: { productType: "Spaceship" } }, { productType: "Spaceship" }],
  ["an unknown field", { set: { surprise: { deep: [1] } } }, { surprise: { deep: [1] } }],
])("an asset can be shown with %s, and as it is again", async (_what, distortion, expected) => {
  const caller = await startCaller();
  const adamId = adamIdOf(caller, 0);
  const before = (await caller.get(`/assets?adamId=${adamId}`)).body;
  await caller.control("/distort", { adamId, ...distortion });
  const { assets, versionId } = (await caller.get("/assets")).body;
  expect(assets?.[0]).toEqual({ ...before.assets?.[0], ...expected });
  expect(assets?.[1]).not.toMatchObject(expected);
  expect(versionId).not.toBe(before.versionId);
  await caller.control("/distort", { adamId });
  expect(await asset(caller, adamId)).toEqual(before.assets?.[0]);
});

test("an asset can miss a field in the next reads only", async () => {
  const caller = await startCaller();
  const adamId = adamIdOf(caller, 0);
  await caller.control("/distort", { adamId, omit: ["totalCount"], reads: 2 });
  for (let read = 0; read < 2; read += 1) expect(await asset(caller, adamId)).not.toHaveProperty("totalCount");
  expect(await asset(caller, adamId)).toHaveProperty("totalCount");
});

import { expect, test } from "vitest";
import { adamIdOf, startCaller } from "./apple-caller.js";

const big = { apps: 10, licenses: 400, users: 6 };

test.each([
  ["productType=Book", 1],
  ["productType=App", 9],
  ["deviceAssignable=false", 2],
  ["revocable=false", 2],
  ["revocable=false&deviceAssignable=true", 1],
  ["pricingParam=PLUS", 0],
  ["unlimited=false", 9],
  ["adamId=6430000001", 1],
  ["adamId=1", 0],
])("assets with %s are %i", async (query, count) => {
  const { get } = await startCaller(big);
  const { body } = await get(`/assets?${query}`);
  expect(body.assets).toHaveLength(count);
  expect(body.size).toBe(count);
});

test("unlimited=true puts unlimited assets into a list of their own, without the counts that have no meaning", async () => {
  const { get } = await startCaller(big);
  const { body } = await get("/assets?unlimited=true");
  expect(body.assets).toHaveLength(9);
  expect(body.unlimitedAssets).toHaveLength(1);
  expect(body.unlimitedAssets?.[0]).toMatchObject({ adamId: "6430000004", assignedCount: 0 });
  for (const field of ["totalCount", "availableCount", "retiredCount"]) {
    expect(body.unlimitedAssets?.[0]).not.toHaveProperty(field);
  }
});

test("the count filters of assets include their bounds", async () => {
  const caller = await startCaller({ apps: 3, licenses: 300 });
  await caller.finish("/assets/associate", { assets: [{ adamId: adamIdOf(caller, 1) }], serialNumbers: ["A", "B"] });
  const ids = async (query: string) => (await caller.get(`/assets?${query}`)).body.assets?.map((asset) => asset.adamId);
  expect(await ids("minAssignedCount=2")).toEqual([adamIdOf(caller, 1)]);
  expect(await ids("minAssignedCount=3")).toEqual([]);
  expect(await ids("maxAssignedCount=0")).toEqual([adamIdOf(caller, 0), adamIdOf(caller, 2)]);
  const available = Number(
    (await caller.get(`/assets?adamId=${adamIdOf(caller, 1)}`)).body.assets?.[0]?.availableCount,
  );
  expect(await ids(`minAvailableCount=${available}&maxAvailableCount=${available}`)).toContain(adamIdOf(caller, 1));
  expect(await ids(`adamId=${adamIdOf(caller, 1)}&minAvailableCount=${available + 1}`)).toEqual([]);
});

test.each([
  "/assets?productType=Film",
  "/assets?revocable=1",
  "/assets?minAssignedCount=many",
  "/assignments?pricingParam=GOLD",
  "/assignments?includeUserState=yes",
  "/users?activeOnly=true&retiredOnly=true",
])("%s is 9602", async (path) => {
  const { get } = await startCaller();
  const { status, body } = await get(path);
  expect([status, body.errorNumber]).toEqual([400, 9602]);
});

test("assignments are found by app, by serial number, by user and by combinations", async () => {
  const caller = await startCaller({ apps: 3, licenses: 300, users: 3, assigned: 150 });
  const all = (await caller.get("/assignments")).body.assignments ?? [];
  const wanted = {
    adamId: all.find((row) => row.serialNumber !== undefined)?.adamId,
    serialNumber: all.find((row) => row.serialNumber !== undefined)?.serialNumber,
    clientUserId: all.find((row) => row.clientUserId !== undefined)?.clientUserId,
  };
  for (const fields of [
    ["adamId"],
    ["serialNumber"],
    ["clientUserId"],
    ["adamId", "serialNumber"],
    ["adamId", "clientUserId"],
  ]) {
    const filter = Object.fromEntries(fields.map((field) => [field, String(wanted[field as keyof typeof wanted])]));
    const expected = all.filter((row) => fields.every((field) => row[field] === filter[field]));
    const { body } = await caller.get(`/assignments?${new URLSearchParams(filter)}`);
    expect(expected.length).toBeGreaterThan(0);
    expect(body.assignments).toEqual(expected);
  }
  expect((await caller.get("/assignments?serialNumber=UNKNOWN")).body.assignments).toEqual([]);
  expect((await caller.get("/assignments?adamId=12345")).body.assignments).toEqual([]);
  expect((await caller.get("/assignments?pricingParam=PLUS")).body.assignments).toEqual([]);
});

test("both qualities of a book are two assets with the same adamId, read together or apart", async () => {
  const caller = await startCaller(big);
  const [user] = ((await caller.get("/users")).body.users ?? []).map((row) => row.clientUserId);
  await caller.control("/purchase", { adamId: "6430000001", pricingParam: "PLUS", count: 5 });
  const assets = [{ adamId: "6430000001" }, { adamId: "6430000001", pricingParam: "PLUS" }];
  await caller.finish("/assets/associate", { assets, clientUserIds: [user] });
  const params = async (query: string) =>
    (await caller.get(`/assignments?adamId=6430000001${query}`)).body.assignments?.map((row) => row.pricingParam);
  expect(await params("")).toEqual(["STDQ", "PLUS"]);
  expect(await params("&pricingParam=PLUS")).toEqual(["PLUS"]);
});

test("includeUserState adds status and idHash to rows of users only", async () => {
  const caller = await startCaller({ users: 5, assigned: 40 });
  const rows = (await caller.get("/assignments?includeUserState=true")).body.assignments ?? [];
  const ofUsers = rows.filter((row) => "clientUserId" in row);
  expect(ofUsers.length).toBeGreaterThan(0);
  expect(ofUsers.every((row) => row.userStatus === "Associated" || row.userStatus === "Registered")).toBe(true);
  expect(ofUsers.find((row) => row.userStatus === "Associated")?.idHash).toMatch(/^[A-Za-z0-9+/]{27}=$/);
  expect(rows.filter((row) => "serialNumber" in row).every((row) => !("userStatus" in row))).toBe(true);
});

test("excludeInactiveUsers hides what retired users could not give back", async () => {
  const caller = await startCaller(big);
  const [user] = ((await caller.get("/users")).body.users ?? []).map((row) => row.clientUserId);
  await caller.finish("/assets/associate", { assets: [{ adamId: "6430000001" }], clientUserIds: [user] });
  await caller.finish("/users/retire", { users: [{ clientUserId: user }] });
  const shown = (await caller.get("/assignments?includeUserState=true")).body.assignments;
  expect(shown).toMatchObject([{ clientUserId: user, userStatus: "Retired" }]);
  expect((await caller.get("/assignments?excludeInactiveUsers=true")).body.assignments).toEqual([]);
});

test("users are found by clientUserId, activity and retirement", async () => {
  const caller = await startCaller({ users: 3 });
  const [first] = ((await caller.get("/users")).body.users ?? []).map((row) => row.clientUserId);
  await caller.finish("/users/retire", { users: [{ clientUserId: first }] });
  await caller.finish("/users/create", { users: [{ clientUserId: first }] });
  const statuses = async (query: string) => (await caller.get(`/users?${query}`)).body.users?.map((row) => row.status);
  expect(await statuses(`clientUserId=${first}`)).toEqual(["Retired", "Registered"]);
  expect(await statuses(`clientUserId=${first}&activeOnly=true`)).toEqual(["Registered"]);
  expect(await statuses("retiredOnly=true")).toEqual(["Retired"]);
  expect(await statuses("activeOnly=true")).toHaveLength(3);
});

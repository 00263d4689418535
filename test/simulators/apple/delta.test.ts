import { expect, test } from "vitest";
import { adamIdOf, startCaller } from "./apple-caller.js";

test("a delta without changes is an empty page with the same version", async () => {
  const { get } = await startCaller({ assigned: 10 });
  const { versionId } = (await get("/assignments")).body;
  const { status, body } = await get(`/assignments?sinceVersionId=${versionId}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ assignments: [], totalPages: 1, versionId });
});

test("an assignments delta shows what came since and not what was there", async () => {
  const caller = await startCaller({ assigned: 10 });
  const { versionId } = (await caller.get("/assignments")).body;
  const adamId = adamIdOf(caller, 0);
  await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["NEW-1"] });
  await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["NEW-2"] });
  const delta = (await caller.get(`/assignments?sinceVersionId=${versionId}`)).body;
  expect(delta.assignments).toEqual(
    ["NEW-1", "NEW-2"].map((serialNumber) => ({ adamId, pricingParam: "STDQ", serialNumber })),
  );
  expect(delta.versionId).toBe((await caller.get("/assignments")).body.versionId);
});

test("a delta starts at exactly its version, not at an earlier one", async () => {
  const caller = await startCaller();
  const adamId = adamIdOf(caller, 0);
  await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["A"] });
  const { versionId } = (await caller.get("/assignments")).body;
  await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["B"] });
  const delta = (await caller.get(`/assignments?sinceVersionId=${versionId}`)).body;
  expect(delta.assignments?.map((row) => row.serialNumber)).toEqual(["B"]);
});

test("removals are silent in a delta, although the version id moves", async () => {
  const caller = await startCaller();
  const adamId = adamIdOf(caller, 0);
  await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["A", "B"] });
  const { versionId } = (await caller.get("/assignments")).body;
  await caller.finish("/assets/disassociate", { assets: [{ adamId }], serialNumbers: ["A"] });
  const delta = (await caller.get(`/assignments?sinceVersionId=${versionId}`)).body;
  expect(delta.assignments).toEqual([]);
  expect(delta.versionId).not.toBe(versionId);
});

test("with the switch deltaRemovals a removed assignment is in the delta and marked", async () => {
  const caller = await startCaller({ switches: { deltaRemovals: true } });
  const adamId = adamIdOf(caller, 0);
  await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["A", "B"] });
  const { versionId } = (await caller.get("/assignments")).body;
  await caller.finish("/assets/disassociate", { assets: [{ adamId }], serialNumbers: ["A"] });
  const delta = (await caller.get(`/assignments?sinceVersionId=${versionId}`)).body;
  expect(delta.assignments).toEqual([{ adamId, pricingParam: "STDQ", serialNumber: "A", removed: true }]);
  expect((await caller.get("/assignments")).body.assignments).toHaveLength(1);
});

test("a delta is paged like a full read", async () => {
  const caller = await startCaller({ switches: { pageSize: 2 } });
  const { versionId } = (await caller.get("/assignments")).body;
  const serialNumbers = ["A", "B", "C"];
  await caller.finish("/assets/associate", { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers });
  const first = (await caller.get(`/assignments?sinceVersionId=${versionId}`)).body;
  const second = (await caller.get(`/assignments?sinceVersionId=${versionId}&pageIndex=1`)).body;
  expect(first).toMatchObject({ size: 2, totalPages: 2, nextPageIndex: 1 });
  expect([...(first.assignments ?? []), ...(second.assignments ?? [])].map((row) => row.serialNumber)).toEqual(
    serialNumbers,
  );
});

test("a users delta shows new, changed and retired users", async () => {
  const caller = await startCaller({ users: 3 });
  const before = (await caller.get("/users")).body;
  const [changed, retired] = (before.users ?? []).map((user) => user.clientUserId);
  await caller.finish("/users/create", { users: [{ clientUserId: "new" }] });
  await caller.finish("/users/update", { users: [{ clientUserId: changed, email: "changed@example.com" }] });
  await caller.finish("/users/retire", { users: [{ clientUserId: retired }] });
  const delta = (await caller.get(`/users?sinceVersionId=${before.versionId}`)).body;
  expect(delta.users?.map((user) => [user.clientUserId, user.status])).toEqual([
    ["new", "Registered"],
    [changed, "Associated"],
    [retired, "Retired"],
  ]);
});

test("an unknown version id is 9721 on both lists", async () => {
  const { get } = await startCaller();
  for (const path of ["/assignments", "/users"]) {
    for (const versionId of ["00000000-0000-4000-8000-000000000000", "nonsense", ""]) {
      const { status, body } = await get(`${path}?sinceVersionId=${versionId}`);
      expect([status, body.errorNumber]).toEqual([400, 9721]);
    }
  }
});

test("forgotten version ids are 9721, and the lists have new ones that work", async () => {
  const caller = await startCaller({ assigned: 3 });
  for (const path of ["/assignments", "/users"]) {
    const { versionId } = (await caller.get(path)).body;
    await caller.control("/forget-versions");
    expect((await caller.get(`${path}?sinceVersionId=${versionId}`)).body.errorNumber).toBe(9721);
    const { versionId: current } = (await caller.get(path)).body;
    expect((await caller.get(`${path}?sinceVersionId=${current}`)).body.size).toBe(0);
  }
  expect((await caller.get("/assignments")).body.size).toBe(3);
});

test("a superseded version id lapses with versionIdLifetimeMs, the current one does not", async () => {
  const caller = await startCaller({ switches: { versionIdLifetimeMs: 1 } });
  const { versionId } = (await caller.get("/assignments")).body;
  expect((await caller.get(`/assignments?sinceVersionId=${versionId}`)).status).toBe(200);
  await caller.control("/assign", { adamId: adamIdOf(caller, 0), serialNumber: "A" });
  const ask = async () => (await caller.get(`/assignments?sinceVersionId=${versionId}`)).body.errorNumber;
  await expect.poll(ask).toBe(9721);
  await caller.control("/switches", { versionIdLifetimeMs: 0 });
  expect(await ask()).toBeUndefined();
});

test("a version that lapses between two pages of a delta ends the delta", async () => {
  const caller = await startCaller({ switches: { pageSize: 1 } });
  const assets = [{ adamId: adamIdOf(caller, 0) }];
  const { versionId } = (await caller.get("/assignments")).body;
  const usersVersion = (await caller.get("/users")).body.versionId;
  await caller.finish("/assets/associate", { assets, serialNumbers: ["A", "B"] });
  await caller.finish("/users/create", { users: [{ clientUserId: "a" }, { clientUserId: "b" }] });
  const pages = [`/assignments?sinceVersionId=${versionId}`, `/users?sinceVersionId=${usersVersion}`];
  for (const page of pages) expect((await caller.get(page)).body.totalPages).toBe(2);
  await caller.control("/switches", { versionIdLifetimeMs: 1 });
  for (const page of pages) expect((await caller.get(`${page}&pageIndex=1`)).body.errorNumber).toBe(9721);
});

import { expect, test } from "vitest";
import { adamIdOf, startCaller } from "./apple-caller.js";

test("pages join to the whole list, each row once, and only the last lacks nextPageIndex", async () => {
  const { get } = await startCaller({ licenses: 300, assigned: 250, switches: { pageSize: 100 } });
  const rows: unknown[] = [];
  const sizes: unknown[] = [];
  for (let index: number | undefined = 0; index !== undefined; ) {
    const { body } = await get(`/assignments?pageIndex=${index}`);
    expect(body).toMatchObject({ currentPageIndex: index, totalPages: 3 });
    rows.push(...(body.assignments ?? []));
    sizes.push(body.size);
    index = body.nextPageIndex;
  }
  expect(sizes).toEqual([100, 100, 50]);
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(250);
});

test("a page index outside the list is 9650, one that is no number 9602", async () => {
  const { get } = await startCaller({ assigned: 20, switches: { pageSize: 10 } });
  for (const index of ["2", "-1", "99999"]) {
    const { status, body } = await get(`/assignments?pageIndex=${index}`);
    expect([status, body.errorNumber]).toEqual([400, 9650]);
  }
  for (const index of ["one", "1.5", ""]) {
    expect((await get(`/assignments?pageIndex=${index}`)).body.errorNumber).toBe(9602);
  }
});

test("an empty list is one empty page", async () => {
  const { get } = await startCaller();
  const { status, body } = await get("/users");
  expect(status).toBe(200);
  expect(body).toMatchObject({ users: [], size: 0, totalPages: 1, currentPageIndex: 0 });
  expect(body).not.toHaveProperty("nextPageIndex");
});

test("rows keep their order when others go, and totalPages follows", async () => {
  const caller = await startCaller({ apps: 1, licenses: 50, assigned: 30, switches: { pageSize: 10 } });
  const read = async () => (await caller.get("/assignments?pageIndex=0")).body;
  const before = await read();
  const gone = before.assignments?.slice(0, 5).map((row) => row.serialNumber) ?? [];
  await caller.finish("/assets/disassociate", { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: gone });
  const after = await read();
  expect(after.assignments?.slice(0, 5)).toEqual(before.assignments?.slice(5));
  expect([before.totalPages, after.totalPages]).toEqual([3, 3]);
  expect((await caller.get("/assignments?pageIndex=2")).body.size).toBe(5);
});

test("each list has a version id of its own that moves only with its data", async () => {
  const caller = await startCaller();
  const versions = async () => {
    const bodies = await Promise.all(["/assets", "/assignments", "/users"].map((path) => caller.get(path)));
    return bodies.map(({ body }) => body.versionId);
  };
  const start = await versions();
  expect(new Set(start).size).toBe(3);
  expect(await versions()).toEqual(start);
  await caller.finish("/users/create", { users: [{ clientUserId: "u-1" }] });
  const afterUser = await versions();
  expect(afterUser.slice(0, 2)).toEqual(start.slice(0, 2));
  expect(afterUser[2]).not.toBe(start[2]);
  await caller.finish("/assets/associate", { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["S"] });
  const afterAssign = await versions();
  expect(afterAssign[0]).not.toBe(start[0]);
  expect(afterAssign[1]).not.toBe(start[1]);
  expect(afterAssign[2]).toBe(afterUser[2]);
});

test("a write that changes nothing keeps the version ids", async () => {
  const caller = await startCaller();
  const before = (await caller.get("/assignments")).body.versionId;
  await caller.finish("/assets/disassociate", { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["S"] });
  expect((await caller.get("/assignments")).body.versionId).toBe(before);
});

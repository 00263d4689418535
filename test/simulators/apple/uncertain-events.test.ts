import { expect, test } from "vitest";
import { adamIdOf, serials, startCaller } from "./apple-caller.js";

const LAG_MS = 3_600_000;

test("with a lag an event that made users is complete before the list shows them", async () => {
  const caller = await startCaller({ switches: { completeLagMs: LAG_MS } });
  const { versionId } = (await caller.get("/users")).body;
  const made = await caller.finish("/users/create", { users: [{ clientUserId: "late" }] });
  expect(made).toMatchObject({ eventStatus: "COMPLETE", numCompleted: 1 });
  expect((await caller.get("/users")).body).toMatchObject({ users: [], versionId });
  expect((await caller.get("/users?clientUserId=late")).body.users).toEqual([]);
  const again = await caller.finish("/users/create", { users: [{ clientUserId: "late" }] });
  expect(again.failures).toMatchObject([{ errorNumber: 9716 }]);
});

test("with a lag an event that retired a user is complete before the list shows it", async () => {
  const caller = await startCaller();
  await caller.finish("/users/create", { users: [{ clientUserId: "leaver" }] });
  await caller.control("/switches", { completeLagMs: LAG_MS });
  const status = await caller.finish("/users/retire", { users: [{ clientUserId: "leaver" }] });
  expect(status.eventStatus).toBe("COMPLETE");
  expect((await caller.get("/users?activeOnly=true")).body.users).toMatchObject([{ status: "Registered" }]);
});

test("what lags is shown in the end", async () => {
  const caller = await startCaller({ switches: { completeLagMs: 20 } });
  await caller.finish("/users/create", { users: [{ clientUserId: "leaver" }] });
  await expect.poll(async () => (await caller.get("/users?activeOnly=true")).body.size).toBe(1);
  await caller.finish("/users/retire", { users: [{ clientUserId: "leaver" }] });
  await expect.poll(async () => (await caller.get("/users?activeOnly=true")).body.users).toEqual([]);
  expect((await caller.get("/users?retiredOnly=true")).body.users).toMatchObject([{ clientUserId: "leaver" }]);
});

test("what is so already counts as done, or fails with the numbers of the first version", async () => {
  const caller = await startCaller();
  const assets = [{ adamId: adamIdOf(caller, 0) }];
  const associate = (...serialNumbers: string[]) => caller.finish("/assets/associate", { assets, serialNumbers });
  const disassociate = (...serialNumbers: string[]) => caller.finish("/assets/disassociate", { assets, serialNumbers });
  await associate("A");
  expect((await associate("A", "B")).eventStatus).toBe("COMPLETE");
  expect((await disassociate("MISSING")).eventStatus).toBe("COMPLETE");
  await caller.control("/switches", { repeats: "failed" });
  expect(await associate("A", "C")).toMatchObject({
    eventStatus: "FAILED",
    numCompleted: 1,
    failures: [{ errorNumber: 9616, errorInfo: { serialNumbers: ["A"] } }],
  });
  expect(await disassociate("B", "MISSING")).toMatchObject({
    eventStatus: "FAILED",
    numCompleted: 1,
    failures: [{ errorNumber: 9619, errorInfo: { serialNumbers: ["MISSING"] } }],
  });
});

test("an event can fail in its middle, and what was done by then stays done", async () => {
  const caller = await startCaller();
  await caller.control("/fail-next-event", { errorNumber: 9603, afterTasks: 2 });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(5) };
  const status = await caller.finish("/assets/associate", order);
  expect(status).toMatchObject({ eventStatus: "FAILED", numRequested: 5, numCompleted: 2 });
  expect(status.failures).toEqual([{ errorNumber: 9603, errorMessage: expect.any(String) }]);
  expect((await caller.get("/assignments")).body.assignments?.map((row) => row.serialNumber)).toEqual(serials(2));
});

test("counts can be shown later than what they count: purchases, and assignments that the lists show already", async () => {
  const caller = await startCaller({ apps: 1, licenses: 10 });
  const adamId = adamIdOf(caller, 0);
  const { versionId } = (await caller.get("/assets")).body;
  await caller.control("/switches", { countLagMs: LAG_MS });
  await caller.control("/purchase", { adamId, count: 5 });
  await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: serials(3) });
  expect((await caller.get("/assignments")).body.size).toBe(3);
  const early = (await caller.get("/assets")).body;
  expect(early).toMatchObject({ versionId, assets: [{ totalCount: 10, assignedCount: 0, availableCount: 10 }] });
  await caller.control("/switches", { countLagMs: 20 });
  await caller.control("/purchase", { adamId, count: 1 });
  const counts = async () => (await caller.get("/assets")).body;
  await expect.poll(counts).toMatchObject({ assets: [{ totalCount: 16, assignedCount: 3, availableCount: 13 }] });
  expect((await counts()).versionId).not.toBe(versionId);
});

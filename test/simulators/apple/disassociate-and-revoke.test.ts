import { expect, test } from "vitest";
import { adamIdOf, serials, startCaller } from "./apple-caller.js";

test("disassociating frees the licences of exactly the named pairs", async () => {
  const caller = await startCaller();
  const [first, second] = [{ adamId: adamIdOf(caller, 0) }, { adamId: adamIdOf(caller, 1) }];
  await caller.finish("/assets/associate", { assets: [first, second], serialNumbers: ["A", "B"] });
  const event = await caller.finish("/assets/disassociate", { assets: [first], serialNumbers: ["A"] });
  expect(event).toMatchObject({ eventStatus: "COMPLETE", eventType: "DISASSOCIATE", numRequested: 1, numCompleted: 1 });
  const left = (await caller.get("/assignments")).body.assignments?.map((row) => `${row.adamId} ${row.serialNumber}`);
  expect(left).toEqual([`${first.adamId} B`, `${second.adamId} A`, `${second.adamId} B`]);
  expect((await caller.get(`/assets?adamId=${first.adamId}`)).body.assets?.[0]?.assignedCount).toBe(1);
});

test("disassociating a pair that does not exist succeeds", async () => {
  const caller = await startCaller();
  const event = await caller.finish("/assets/disassociate", {
    assets: [{ adamId: adamIdOf(caller, 0) }, { adamId: "99" }],
    serialNumbers: ["NOBODY"],
  });
  expect(event).toMatchObject({ eventStatus: "COMPLETE", numRequested: 2, numCompleted: 2 });
});

test("disassociating an irrevocable asset is 9706 and starts nothing", async () => {
  const caller = await startCaller({ apps: 10, licenses: 100 });
  const { status, body } = await caller.post("/assets/disassociate", {
    assets: [{ adamId: "6430000003" }],
    serialNumbers: ["A"],
  });
  expect([status, body.errorNumber]).toEqual([400, 9706]);
  expect(caller.simulator.world.locations[0]?.events.list()).toEqual([]);
});

test("revoking takes everything revocable from the holders and leaves the rest", async () => {
  const caller = await startCaller({ apps: 10, licenses: 200 });
  const assets = [0, 1, 8].map((index) => ({ adamId: adamIdOf(caller, index) }));
  await caller.finish("/assets/associate", { assets, serialNumbers: ["A", "B"] });
  const event = await caller.finish("/assets/revoke", { serialNumbers: ["A"] });
  expect(event).toMatchObject({ eventStatus: "COMPLETE", eventType: "REVOKE", numRequested: 1, numCompleted: 1 });
  const ofA = (await caller.get("/assignments?serialNumber=A")).body.assignments?.map((row) => row.adamId);
  expect(ofA).toEqual(["6430000003"]);
  expect((await caller.get("/assignments?serialNumber=B")).body.size).toBe(3);
});

test.each([
  [9719, {}],
  [9701, { clientUserIds: serials(101) }],
  [9702, { serialNumbers: serials(101) }],
  [9704, { clientUserIds: ["u", "u"] }],
  [9705, { serialNumbers: ["A", "A"] }],
])("a bad revoke is %i: case %#", async (errorNumber, order) => {
  const caller = await startCaller();
  const { status, body } = await caller.post("/assets/revoke", order);
  expect([status, body.errorNumber]).toEqual([400, errorNumber]);
});

test("revoking from an unknown user fails that task only", async () => {
  const caller = await startCaller({ users: 1 });
  const known = (await caller.get("/users")).body.users?.[0]?.clientUserId;
  const event = await caller.finish("/assets/revoke", { clientUserIds: [known, "ghost"] });
  expect(event).toMatchObject({ eventStatus: "FAILED", numRequested: 2, numCompleted: 1 });
  expect(event.failures).toMatchObject([{ errorNumber: 9609, errorInfo: { clientUserIds: ["ghost"] } }]);
});

import { expect, test } from "vitest";
import { adamIdOf, serials, startCaller } from "./apple-caller.js";

const HOUR_MS = 3_600_000;

test("with a speed an event shows its progress, and each finished task its effect", async () => {
  const caller = await startCaller({ switches: { eventTasksPerSecond: 10 } });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(60) };
  const { eventId } = (await caller.post("/assets/associate", order)).body;
  const ask = async () => (await caller.get(`/status?eventId=${eventId}`)).body;
  await expect.poll(async () => (await ask()).numCompleted, { interval: 5 }).toBeGreaterThan(0);
  const under = await ask();
  expect(under).toMatchObject({ eventStatus: "PENDING", numRequested: 60 });
  const size = Number((await caller.get("/assignments")).body.size);
  expect(size).toBeGreaterThanOrEqual(Number(under.numCompleted));
  expect(size).toBeLessThan(60);
  await caller.control("/finish-events");
  expect(await ask()).toMatchObject({ eventStatus: "COMPLETE", numCompleted: 60 });
  expect((await caller.get("/assignments")).body.size).toBe(60);
});

test("an event with a speed ends by itself", async () => {
  const caller = await startCaller({ switches: { eventTasksPerSecond: 2000 } });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(90) };
  expect(await caller.finish("/assets/associate", order)).toMatchObject({ eventStatus: "COMPLETE", numCompleted: 90 });
});

test("without a speed nothing is seen before all is done", async () => {
  const caller = await startCaller({ switches: { eventDelayMs: HOUR_MS } });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(5) };
  const { eventId } = (await caller.post("/assets/associate", order)).body;
  expect((await caller.get(`/status?eventId=${eventId}`)).body.numCompleted).toBe(0);
  await caller.control("/finish-events");
  expect((await caller.get(`/status?eventId=${eventId}`)).body.numCompleted).toBe(5);
});

test("a shortage that appears half-way fails what is left", async () => {
  const caller = await startCaller({ apps: 1, licenses: 50, switches: { eventTasksPerSecond: 10 } });
  const adamId = adamIdOf(caller, 0);
  const order = { assets: [{ adamId }], serialNumbers: serials(40) };
  const { eventId } = (await caller.post("/assets/associate", order)).body;
  const ask = async () => (await caller.get(`/status?eventId=${eventId}`)).body;
  await expect.poll(async () => (await ask()).numCompleted, { interval: 5 }).toBeGreaterThan(0);
  await caller.control("/refund", { adamId, count: 50 });
  await caller.control("/finish-events");
  const ended = await ask();
  expect(ended.eventStatus).toBe("FAILED");
  const refused = ended.failures?.[0]?.errorInfo?.serialNumbers as string[];
  expect(refused).toHaveLength(40 - Number(ended.numCompleted));
  expect((await caller.get("/assignments")).body.size).toBe(ended.numCompleted);
});

test("COMPLETE may come before the lists show the rows, while the licences are taken", async () => {
  const caller = await startCaller({ apps: 1, licenses: 2, switches: { completeLagMs: HOUR_MS } });
  const adamId = adamIdOf(caller, 0);
  const order = { assets: [{ adamId }], serialNumbers: ["A", "B"] };
  const before = (await caller.get("/assignments")).body.versionId;
  expect(await caller.finish("/assets/associate", order)).toMatchObject({ eventStatus: "COMPLETE", numCompleted: 2 });
  for (const query of ["", `?adamId=${adamId}`, "?serialNumber=A", `?sinceVersionId=${before}`]) {
    expect((await caller.get(`/assignments${query}`)).body.size).toBe(0);
  }
  expect((await caller.get("/assets")).body.assets).toMatchObject([{ assignedCount: 0, availableCount: 2 }]);
  const more = await caller.finish("/assets/associate", { assets: [{ adamId }], serialNumbers: ["C"] });
  expect(more.failures).toMatchObject([{ errorNumber: 9709 }]);
});

test("rows that lag appear by themselves, and removed ones stay listed as long", async () => {
  const caller = await startCaller({ switches: { completeLagMs: 40 } });
  const adamId = adamIdOf(caller, 0);
  const order = { assets: [{ adamId }], serialNumbers: ["A"] };
  const size = async (query = "") => (await caller.get(`/assignments${query}`)).body.size;
  await caller.finish("/assets/associate", order);
  await expect.poll(() => size()).toBe(1);
  await caller.control("/switches", { completeLagMs: HOUR_MS });
  await caller.finish("/assets/disassociate", order);
  expect(await size()).toBe(1);
  expect(await size("?serialNumber=A")).toBe(1);
  expect(caller.simulator.world.locations[0]?.assets.rows[0]?.room).toBe(
    caller.simulator.world.locations[0]?.assets.rows[0]?.totalCount,
  );
});

test("an assignment that is taken back before it was listed is never listed", async () => {
  const caller = await startCaller({ switches: { completeLagMs: 60 } });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["A"] };
  await caller.finish("/assets/associate", order);
  await caller.control("/switches", { completeLagMs: 0 });
  await caller.finish("/assets/disassociate", order);
  await caller.control("/switches", { completeLagMs: 60 });
  await caller.finish("/assets/associate", { ...order, serialNumbers: ["B"] });
  await expect.poll(async () => (await caller.get("/assignments")).body.size).toBe(1);
  expect((await caller.get("/assignments")).body.assignments).toMatchObject([{ serialNumber: "B" }]);
});

test("with a negative lag the rows are there before the status turns", async () => {
  const caller = await startCaller({ switches: { completeLagMs: -HOUR_MS } });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["A", "B"] };
  const { eventId } = (await caller.post("/assets/associate", order)).body;
  await expect.poll(async () => (await caller.get("/assignments")).body.size).toBe(2);
  const ask = async () => (await caller.get(`/status?eventId=${eventId}`)).body;
  expect(await ask()).toMatchObject({ eventStatus: "PENDING", numCompleted: 2 });
  await caller.control("/finish-events");
  expect((await ask()).eventStatus).toBe("COMPLETE");
});

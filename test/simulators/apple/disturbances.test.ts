import { expect, test } from "vitest";
import { adamIdOf, serials, startCaller } from "./apple-caller.js";

test("fail-next refuses exactly the next matching requests, without effect", async () => {
  const caller = await startCaller();
  await caller.control("/fail-next", { count: 2, errorNumber: 9729, retryAfter: 7, path: "/assets/associate" });
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["A"] };
  expect((await caller.get("/assets")).status).toBe(200);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const { status, body, headers } = await caller.post("/assets/associate", order);
    expect([status, body.errorNumber, headers.get("retry-after")]).toEqual([503, 9729, "7"]);
  }
  expect(caller.simulator.world.locations[0]?.events.list()).toEqual([]);
  expect(await caller.finish("/assets/associate", order)).toMatchObject({ eventStatus: "COMPLETE" });
});

test("fail-next can answer a bare HTTP status, for any path", async () => {
  const caller = await startCaller();
  await caller.control("/fail-next", { status: 502 });
  expect(await caller.get("/users")).toMatchObject({ status: 502, body: {} });
  expect((await caller.get("/users")).status).toBe(200);
});

test("a planned error number follows the error transport unless a status is named", async () => {
  const caller = await startCaller({ switches: { errorTransport: "body" } });
  await caller.control("/fail-next", { errorNumber: 9646 });
  expect(await caller.get("/users")).toMatchObject({ status: 200, body: { errorNumber: 9646 } });
  await caller.control("/fail-next", { errorNumber: 9646, status: 429 });
  expect(await caller.get("/users")).toMatchObject({ status: 429, body: { errorNumber: 9646 } });
});

test("fail-next can tell the methods of one path apart", async () => {
  const caller = await startCaller();
  await caller.control("/fail-next", { errorNumber: 9603, path: "/mdm/v2/client/config", method: "POST" });
  expect((await caller.get("/client/config")).status).toBe(200);
  expect((await caller.post("/client/config", {})).status).toBe(500);
});

test("a dropped request has no effect and no answer", async () => {
  const caller = await startCaller();
  await caller.control("/fail-next", { drop: true, path: "/users/create" });
  await expect(caller.post("/users/create", { users: [{ clientUserId: "u" }] })).rejects.toThrow();
  expect(caller.simulator.world.locations[0]?.events.list()).toEqual([]);
  expect(caller.simulator.world.requests.entries.at(-1)).toMatchObject({ path: "/mdm/v2/users/create", answer: "cut" });
});

test("with afterEffect the request takes effect although its answer is lost", async () => {
  const caller = await startCaller();
  await caller.control("/fail-next", { afterEffect: true, path: "/users/create" });
  await expect(caller.post("/users/create", { users: [{ clientUserId: "u" }] })).rejects.toThrow();
  await caller.control("/finish-events");
  expect((await caller.get("/users")).body.users).toMatchObject([{ clientUserId: "u", status: "Registered" }]);
});

test("a held request takes effect and is answered only on release", async () => {
  const caller = await startCaller();
  await caller.control("/hold", { path: "/assets/associate" });
  let answered = false;
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: ["A"] };
  const waiting = caller.post("/assets/associate", order).then((answer) => {
    answered = true;
    return answer;
  });
  await expect.poll(async () => (await caller.state()).heldRequests).toBe(1);
  await caller.control("/finish-events");
  expect((await caller.get("/assignments")).body.size).toBe(1);
  expect(answered).toBe(false);
  expect((await caller.control("/release")).body).toEqual({ released: 1 });
  expect((await waiting).body.eventId).toEqual(expect.any(String));
  expect((await caller.post("/assets/associate", order)).status).toBe(200);
});

test("stopping the simulator cuts held requests and drops pending events", async () => {
  const caller = await startCaller({ switches: { eventDelayMs: 3_600_000 } });
  await caller.post("/users/create", { users: [{ clientUserId: "u" }] });
  await caller.control("/hold", {});
  const waiting = caller.get("/assets").then(
    () => "answered",
    () => "cut",
  );
  await expect.poll(() => caller.simulator.world.disturbances.heldCount).toBe(1);
  await caller.simulator.stop();
  expect(await waiting).toBe("cut");
  expect(caller.simulator.world.locations[0]?.events.finishAll()).toBe(0);
  await expect(caller.get("/assets")).rejects.toThrow();
});

test("slow delays the handling of requests, not the control plane", async () => {
  const caller = await startCaller();
  await caller.control("/slow", { ms: 600_000 });
  const waiting = caller.get("/users").catch(() => "cut");
  await expect.poll(() => caller.simulator.world.requests.entries.length).toBe(1);
  expect(caller.simulator.world.requests.entries[0]?.answer).toBeNull();
  await caller.simulator.stop();
  expect(await waiting).toBe("cut");
});

test("above the announced rate a location is refused with 9646 once that is enforced", async () => {
  const caller = await startCaller({ switches: { limits: { maxRequestPerSecond: 3 } } });
  const burst = () => Promise.all(Array.from({ length: 10 }, () => caller.get("/assets")));
  expect((await burst()).every(({ status }) => status === 200)).toBe(true);
  await caller.control("/switches", { enforceRate: true });
  const refused = (await burst()).filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatchObject({ status: 429, body: { errorNumber: 9646 } });
});

test("the hook is awaited before a request takes effect and sees its method and path", async () => {
  const seen: { method: string; path: string; events: number }[] = [];
  const caller = await startCaller({
    onRequest: async (request) => {
      await Promise.resolve();
      seen.push({ ...request, events: caller.simulator.world.locations[0]?.events.list().length ?? -1 });
    },
  });
  await caller.post("/users/create", { users: [{ clientUserId: "u" }] });
  expect(seen).toEqual([{ method: "POST", path: "/users/create", events: 0 }]);
});

test("an event can fail as a whole, or be forgotten", async () => {
  const caller = await startCaller();
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(2) };
  await caller.control("/fail-next-event", { errorNumber: 9603 });
  expect(await caller.finish("/assets/associate", order)).toMatchObject({
    eventStatus: "FAILED",
    numRequested: 2,
    numCompleted: 0,
    failures: [{ errorNumber: 9603 }],
  });
  expect((await caller.get("/assignments")).body.size).toBe(0);
  const { eventId } = (await caller.post("/assets/associate", order)).body;
  expect((await caller.control("/forget-events")).body).toEqual({ forgotten: 2 });
  const { status, body } = await caller.get(`/status?eventId=${eventId}`);
  expect([status, body.errorNumber]).toEqual([400, 9708]);
  await expect.poll(async () => (await caller.get("/assignments")).body.size).toBe(2);
});

test("an event of another location, or none at all, is 9708", async () => {
  const caller = await startCaller();
  const other = caller.simulator.addLocation({ apps: 1, licenses: 1 });
  const { eventId } = (await caller.post("/users/create", { users: [{ clientUserId: "u" }] })).body;
  expect((await caller.get(`/status?eventId=${eventId}`)).status).toBe(200);
  expect((await caller.get(`/status?eventId=${eventId}`, other.token.text)).body.errorNumber).toBe(9708);
  expect((await caller.get("/status")).body.errorNumber).toBe(9708);
});

test("the most pages of one list that were read at a time are counted, those of another list or token apart", async () => {
  const caller = await startCaller();
  const second = caller.simulator.addLocation({}).token.text;
  await caller.control("/slow", { ms: 50 });
  const pages = ["/assignments", "/assignments?pageIndex=0", "/assignments?pageIndex=1"];
  const others = ["/users", "/assignments?serialNumber=A"];
  await Promise.all([...pages, ...others].map((path) => caller.get(path)).concat(caller.get("/assignments", second)));
  expect((await caller.state()).mostReadsAtOnce).toBe(3);
});

test("a read for which nobody waits any more is not counted with those that follow", async () => {
  const caller = await startCaller();
  await caller.control("/hold", { path: "/assignments" });
  const gone = new AbortController();
  const headers = { authorization: `Bearer ${caller.simulator.tokenFile}` };
  const read = fetch(`${caller.simulator.baseUrl}/assignments`, { headers, signal: gone.signal });
  await expect.poll(async () => (await caller.state()).heldRequests).toBe(1);
  gone.abort();
  await expect(read).rejects.toThrow();
  await caller.control("/release");
  await caller.get("/assignments");
  expect((await caller.state()).mostReadsAtOnce).toBe(1);
});

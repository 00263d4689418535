import { expect, test } from "vitest";
import { startCaller } from "./apple-caller.js";

const HOUR_S = 3600;

test("while the service is unavailable every request is 503 with Retry-After, until the window ends", async () => {
  const caller = await startCaller();
  await caller.control("/unavailable", { seconds: HOUR_S });
  for (const path of ["/assets", "/service/config"]) {
    const { status, body, headers } = await caller.get(path);
    expect([status, body.errorNumber]).toEqual([503, 9729]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(HOUR_S - 60);
    expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(HOUR_S);
  }
  const refused = await caller.post("/users/create", { users: [{ clientUserId: "u" }] });
  expect(refused.status).toBe(503);
  await caller.control("/unavailable", { ms: 0 });
  expect((await caller.get("/assets")).status).toBe(200);
  expect(caller.simulator.world.locations[0]?.events.list()).toEqual([]);
});

test("a short window ends by itself", async () => {
  const caller = await startCaller();
  await caller.control("/unavailable", { ms: 30 });
  await expect.poll(async () => (await caller.get("/assets")).status).toBe(200);
});

test("the window can say maintenance, and follows the error transport", async () => {
  const caller = await startCaller({ switches: { errorTransport: "body" } });
  await caller.control("/unavailable", { seconds: HOUR_S, answer: 9644 });
  expect(await caller.get("/assets")).toMatchObject({ status: 200, body: { errorNumber: 9644 } });
});

test("the window can be a bare 503 with a page of HTML", async () => {
  const { simulator, control } = await startCaller();
  await control("/unavailable", { seconds: HOUR_S, answer: "html", retryAfter: "none" });
  const response = await fetch(`${simulator.baseUrl}/assets`);
  expect([response.status, response.headers.get("content-type")]).toEqual([503, "text/html"]);
  expect(response.headers.get("retry-after")).toBeNull();
  expect(await response.text()).toMatch(/^<!doctype html>/);
});

test("Retry-After can be a date ahead", async () => {
  const caller = await startCaller({ switches: { retryAfter: "date" } });
  await caller.control("/unavailable", { seconds: HOUR_S });
  const text = (await caller.get("/assets")).headers.get("retry-after") ?? "";
  expect(text).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
  expect(Date.parse(text)).toBeGreaterThan(Date.now());
});

test.each([
  ["seconds", /^1$/],
  ["date", /GMT$/],
  ["none", undefined],
] as const)("a throttled request carries Retry-After as %s", async (retryAfter, expected) => {
  const caller = await startCaller({
    switches: { enforceRate: true, retryAfter, limits: { maxRequestPerSecond: 1 } },
  });
  const answers = await Promise.all(Array.from({ length: 5 }, () => caller.get("/assets")));
  const throttled = answers.find(({ body }) => body.errorNumber === 9646);
  expect(throttled?.status).toBe(429);
  const header = throttled?.headers.get("retry-after");
  if (expected === undefined) expect(header).toBeNull();
  else expect(header).toMatch(expected);
});

test("a planned failure spells its Retry-After in the same way", async () => {
  const caller = await startCaller({ switches: { retryAfter: "none" } });
  await caller.control("/fail-next", { errorNumber: 9729, retryAfter: 7 });
  expect((await caller.get("/assets")).headers.get("retry-after")).toBeNull();
  await caller.control("/switches", { retryAfter: "seconds" });
  await caller.control("/fail-next", { errorNumber: 9729, retryAfter: 7 });
  expect((await caller.get("/assets")).headers.get("retry-after")).toBe("7");
});

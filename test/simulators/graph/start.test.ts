import { expect, test } from "vitest";
import { startGraphSimulator } from "../../../simulators/graph/start-graph-simulator.js";
import { startCaller } from "./graph-caller.js";

test("the same seed makes the same tenant, another one another", async () => {
  const tenants = await Promise.all([1, 1, 2].map((seed) => startGraphSimulator({ seed })));
  const idsOf = ({ world }: (typeof tenants)[number]) => [...world.devices.keys(), ...world.apps.keys()];
  const [first, second, third] = tenants.map(idsOf);
  for (const { stop } of tenants) await stop();
  expect(second).toEqual(first);
  expect(third).not.toEqual(first);
});

test("GET / of the control plane lists every call, and bad input is a sentence", async () => {
  const { simulator, control } = await startCaller();
  const { calls } = (await (await fetch(simulator.controlUrl)).json()) as { calls: { path: string; about: string }[] };
  expect(calls.length).toBeGreaterThan(20);
  expect(calls.every(({ about }) => about.length > 10)).toBe(true);
  const refused = await control("/device", { device: "nobody" });
  expect([refused.status, refused.body.error]).toEqual([400, 'There is no device "nobody".']);
});

test("the state tells what is there, and no secret", async () => {
  const { simulator, get } = await startCaller();
  await get("/v1.0/users");
  const state = await (await fetch(`${simulator.controlUrl}/state`)).text();
  expect(JSON.parse(state)).toMatchObject({
    apps: expect.any(Array),
    devices: expect.any(Array),
    requests: expect.any(Array),
  });
  expect(state).not.toContain(simulator.clientSecret);
  expect(state).not.toMatch(/Bearer (?!\(hidden\))/);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
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

test("a command prints what an admin gives to addTarget, and ends when it is told to", async () => {
  const process_ = spawn(process.execPath, [
    "--import",
    "tsx",
    "simulators/main.ts",
    "graph",
    "--port",
    "0",
    "--devices",
    "3",
  ]);
  const [printed] = await once(process_.stdout, "data");
  process_.kill("SIGTERM");
  await once(process_, "exit");
  const settings = JSON.parse(String(printed).replace(/^[^{]*/s, ""));
  expect(settings).toMatchObject({
    clientSecret: "simulated-secret-7",
    graphUrl: expect.stringMatching(/^http:\/\/127/),
  });
});

test.each([
  [["--devices", "many"], /--devices must be a whole number/],
  [["--devices", "1", "--userless", "2"], /--userless 2 is more than --devices 1/],
  [["--switches", '{"pageSize":0}'], /--switches: pageSize/],
])("a command line that makes no sense ends with a sentence: %j", async (args, words) => {
  const process_ = spawn(process.execPath, ["--import", "tsx", "simulators/main.ts", "graph", ...args]);
  const said = text(process_.stderr);
  const [code] = await once(process_, "exit");
  expect(code).toBe(2);
  expect(await said).toMatch(words);
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

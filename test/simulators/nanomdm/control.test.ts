import { expect, test } from "vitest";
import { startMdmCaller } from "./mdm-caller.js";

test("the control plane lists its calls with their input, and tells of no secret", async () => {
  const { control, simulator } = await startMdmCaller({ apiKey: "the-api-key", webhookSecret: "the-webhook-secret" });
  const { calls } = (await control("/")).body as { calls: { path: string; input: object }[] };
  expect(calls.map(({ path }) => path)).toEqual(expect.arrayContaining(["/state", "/enroll", "/answer", "/webhook"]));
  await simulator.world.activity.whenIdle();
  const state = JSON.stringify((await control("/state")).body);
  expect(state).not.toContain("the-api-key");
  expect(state).not.toContain("the-webhook-secret");
});

test("bad input is refused with a sentence, and changes nothing", async () => {
  const { control } = await startMdmCaller();
  expect(await control("/online", { device: "nobody", online: false })).toEqual({
    status: 400,
    body: { error: 'There is no device "nobody"; GET /state lists them.' },
  });
  expect((await control("/switches", { storage: "tape" })).status).toBe(400);
  expect((await control("/add-device", { serialNumber: "NANO00000001" })).status).toBe(400);
  expect((await control("/foreign-command", { device: "nobody", requestType: "DeviceInformation" })).status).toBe(400);
});

test("the same seed gives the same devices, another one others", async () => {
  const devices = async (seed: number) => {
    const { simulator } = await startMdmCaller({ seed, kinds: ["Mac", "iPhone"] });
    return simulator.world.devices.map(({ id }) => id);
  };
  expect(await devices(5)).toEqual(await devices(5));
  expect(await devices(5)).not.toEqual(await devices(6));
});

test("a device that is added enrols and takes commands; one that is wiped has nothing left and tells nobody", async () => {
  const { control, command, events, simulator } = await startMdmCaller({ devices: 0 });
  const { body } = await control("/add-device", { serialNumber: "EXTRA", kind: "Mac", account: "ann@example.com" });
  expect(events("mdm.TokenUpdate")).toHaveLength(2);
  await command(String(body.id), "u", { RequestType: "InstallApplication", iTunesStoreID: 1, InstallAsManaged: true });
  expect(simulator.world.devices[0]?.apps.size).toBe(1);
  const before = events().length;
  await control("/wipe", { device: "EXTRA" });
  expect(simulator.world.devices[0]?.apps.size).toBe(0);
  expect(events()).toHaveLength(before);
});

test("somebody else's command is answered like any other", async () => {
  const { control, answers, id, simulator } = await startMdmCaller();
  const { body } = await control("/foreign-command", { device: id(0), requestType: "DeviceInformation" });
  await simulator.world.activity.whenIdle();
  expect(answers(String(body.commandUuid))).toMatchObject([{ QueryResponses: { SerialNumber: "NANO00000001" } }]);
});

test("a request that is held takes effect, and is answered at the release", async () => {
  const { control, call, id, simulator } = await startMdmCaller();
  await control("/hold", { path: "/v1/push" });
  const pushing = call("GET", `/v1/push/${id(0)}`);
  await expect.poll(() => simulator.world.disturbances.heldCount).toBe(1);
  expect(await control("/release", {})).toEqual({ status: 200, body: { released: 1 } });
  expect((await pushing).status).toBe(200);
});

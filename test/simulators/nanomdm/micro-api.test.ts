import { expect, test } from "vitest";
import { startMdmCaller } from "./mdm-caller.js";

const LIST = { RequestType: "ManagedApplicationList" };
const micro = { flavour: "micromdm" } as const;

test("a raw command is accepted with 201, also twice, and for a device that nobody knows", async () => {
  const { command, id, answers } = await startMdmCaller(micro);
  expect(await command(id(0), "u1", LIST)).toEqual({
    status: 201,
    body: { payload: { udid: id(0), command_uuid: "u1", command: { request_type: "ManagedApplicationList" } } },
  });
  await command(id(0), "u1", LIST);
  expect(answers("u1")).toHaveLength(2);
  expect((await command("GHOST", "u2", LIST)).status).toBe(201);
  expect(answers("u2")).toEqual([]);
});

test("the queue is shown as the release shows it, and can be cleared", async () => {
  const { call, command, control, id } = await startMdmCaller(micro);
  await control("/online", { online: false });
  await command(id(0), "u1", LIST);
  const view = async () => (await call("GET", `/v1/commands/${id(0)}`)).body;
  expect(await view()).toMatchObject({ device_command: { DeviceUDID: id(0), Commands: [{ UUID: "u1" }] } });
  await command(id(1), "u2", LIST);
  await control("/online", { device: id(1), online: true });
  await expect
    .poll(async () => (await call("GET", `/v1/commands/${id(1)}`)).body)
    .toMatchObject({
      device_command: { Commands: [], Completed: [{ UUID: "u2" }] },
    });
  await control("/switches", { commandHistory: false });
  expect((await call("GET", `/v1/commands/${id(1)}`)).body).toMatchObject({ device_command: { Completed: null } });
  await control("/switches", { queueView: "flat" });
  expect(await view()).toMatchObject({ commands: [{ uuid: "u1", payload: expect.any(String) }] });
  await call("DELETE", `/v1/commands/${id(0)}`);
  expect(await view()).toEqual({ commands: [] });
  await control("/switches", { queueView: "none" });
  expect((await call("GET", `/v1/commands/${id(0)}`)).status).toBe(404);
});

test("devices are listed in pages that begin at 0 or 1, or all at once", async () => {
  const { call, control } = await startMdmCaller({ ...micro, devices: 5 });
  const page = async (number: number) => {
    const { body } = await call("POST", "/v1/devices", JSON.stringify({ page: number, per_page: 2 }));
    return (
      (body.devices as { serial_number: string }[] | null)?.map(({ serial_number }) => serial_number.slice(-1)) ?? null
    );
  };
  expect([await page(0), await page(2), await page(3)]).toEqual([["1", "2"], ["5"], null]);
  await control("/switches", { paging: "fromOne" });
  expect([await page(0), await page(1), await page(3), await page(4)]).toEqual([["1", "2"], ["1", "2"], ["5"], null]);
  await control("/switches", { paging: "none" });
  expect(await page(7)).toEqual(["1", "2", "3", "4", "5"]);
});

test("a wrong API key is 401", async () => {
  const { simulator } = await startMdmCaller(micro);
  expect((await fetch(`${simulator.url}/v1/devices`, { method: "POST" })).status).toBe(401);
});

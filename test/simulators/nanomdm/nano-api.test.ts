import { expect, test } from "vitest";
import { startMdmCaller } from "./mdm-caller.js";

const LIST = { RequestType: "ManagedApplicationList" };

test("a wrong API key is 401, and the version is told to anybody", async () => {
  const { simulator } = await startMdmCaller();
  const authorization = `Basic ${Buffer.from("nanomdm:wrong").toString("base64")}`;
  expect((await fetch(`${simulator.url}/v1/pushcert`, { headers: { authorization } })).status).toBe(401);
  expect(await (await fetch(`${simulator.url}/version`)).json()).toEqual({ version: "v0.9.0" });
});

test("a command for several devices is queued for each, and pushes are told by id", async () => {
  const { command, id, answers } = await startMdmCaller();
  const { status, body } = await command(`${id(0)},${id(1)}`, "u1", LIST);
  expect(status).toBe(200);
  expect(body).toMatchObject({ command_uuid: "u1", request_type: "ManagedApplicationList" });
  expect(Object.keys(body.status as object)).toEqual([id(0), id(1)]);
  expect(answers("u1").map(({ UDID }) => UDID)).toEqual([id(0), id(1)]);
});

test("a CommandUUID is taken once, with either storage", async () => {
  for (const storage of ["sql", "kv"] as const) {
    const { command, id, answers } = await startMdmCaller({ switches: { storage } });
    await command(id(0), "u1", LIST);
    const { status, body } = await command(id(1), "u1", LIST);
    expect(status).toBe(500);
    expect(body.command_error).toMatch(storage === "sql" ? /Duplicate entry 'u1'/ : /already exists/);
    expect(answers("u1")).toHaveLength(1);
  }
});

test("with SQL an id that has not enrolled fails the whole call", async () => {
  const { command, id, answers } = await startMdmCaller();
  const { status, body } = await command(`${id(0)},GHOST`, "u1", LIST);
  expect(status).toBe(500);
  expect(body.command_error).toMatch(/foreign key/);
  expect(answers("u1")).toEqual([]);
  expect((await command(id(0), "u1", LIST)).status).toBe(200);
});

test("a key-value storage keeps a command for an id that nobody has, and pushes to that fail", async () => {
  const { command, id, control } = await startMdmCaller({ switches: { storage: "kv" } });
  const { status, body } = await command(`${id(0)},GHOST`, "u1", LIST);
  expect(status).toBe(207);
  expect(body.status).toMatchObject({ GHOST: { push_error: expect.any(String) } });
  expect((await control("/state")).body.ghosts).toEqual([{ id: "GHOST", commands: 1 }]);
});

test("a push that fails leaves the command queued", async () => {
  const { command, control, id, answers } = await startMdmCaller({ switches: { pushErrors: 1 } });
  const { status, body } = await command(id(0), "u1", LIST);
  expect(status).toBe(500);
  expect(body).not.toHaveProperty("command_error");
  expect(answers("u1")).toEqual([]);
  await control("/wake", {});
  await expect.poll(() => answers("u1")).toHaveLength(1);
});

test("without a valid push certificate no device is woken", async () => {
  const { command, control, id, answers } = await startMdmCaller();
  await control("/push-certificate", { notAfter: "2020-01-01T00:00:00Z" });
  expect((await command(id(0), "u1", LIST)).status).toBe(500);
  expect(answers("u1")).toEqual([]);
});

test("nopush only queues, and a push of many ids tells of each", async () => {
  const { call, id, simulator, answers } = await startMdmCaller();
  const body =
    "<plist><dict><key>CommandUUID</key><string>u1</string><key>Command</key><dict><key>RequestType</key><string>ManagedApplicationList</string></dict></dict></plist>";
  expect(await call("PUT", `/v1/enqueue/${id(0)}?nopush=1`, body)).toEqual({
    status: 200,
    body: { command_uuid: "u1", request_type: "ManagedApplicationList", no_push: true },
  });
  expect(answers("u1")).toEqual([]);
  expect((await call("GET", `/v1/push/${id(0)},${id(1)}`)).status).toBe(200);
  expect((await call("GET", `/v1/push/${id(0)},GHOST`)).status).toBe(207);
  expect((await call("GET", "/v1/push/GHOST")).status).toBe(500);
  await simulator.world.activity.whenIdle();
  expect(answers("u1")).toHaveLength(1);
});

test.each([
  ["", /root element/],
  ["<plist><dict><key>CommandUUID</key><string>u</string></dict></plist>", /empty RequestType/],
  ["<plist><dict><key>Command</key><dict/></dict></plist>", /empty CommandUUID/],
])("what is no command is refused: %s", async (body, words) => {
  const { call, id } = await startMdmCaller();
  const answer = await call("PUT", `/v1/enqueue/${id(0)}`, body);
  expect(answer.status).toBe(500);
  expect(answer.body.command_error).toMatch(words);
});

test("the push certificate is told by its topic; a release without the call takes it for an upload of nothing", async () => {
  const { call, control, simulator } = await startMdmCaller();
  const topic = simulator.world.pushCertificate?.topic ?? "";
  await control("/push-certificate", { notAfter: "2031-02-03T04:05:06Z" });
  expect(await call("GET", `/v1/pushcert?topic=${topic}`)).toEqual({
    status: 200,
    body: { topic, not_after: "2031-02-03T04:05:06Z" },
  });
  expect((await call("GET", "/v1/pushcert")).status).toBe(400);
  expect((await call("GET", "/v1/pushcert?topic=other")).body.error).toMatch(/no rows/);
  await control("/switches", { pushcertCall: "none" });
  expect((await call("GET", `/v1/pushcert?topic=${topic}`)).body.error).toMatch(/PEM/);
});

test("planned failures refuse, cut before the effect, or cut after it", async () => {
  const { call, control, command, id, answers } = await startMdmCaller();
  await control("/fail-next", { status: 503, retryAfter: 7 });
  expect((await call("GET", "/v1/pushcert")).status).toBe(503);
  await control("/fail-next", { path: "/v1/enqueue", mode: "drop" });
  await expect(command(id(0), "u1", LIST)).rejects.toThrow();
  await control("/fail-next", { path: "/v1/enqueue", mode: "afterEffect" });
  await expect(command(id(0), "u2", LIST)).rejects.toThrow();
  await expect.poll(() => answers("u2")).toHaveLength(1);
  expect(answers("u1")).toEqual([]);
});

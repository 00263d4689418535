import { afterEach, beforeEach, expect, test } from "vitest";
import { type Caller, startCaller } from "./adminservice-caller.js";

let caller: Caller;
beforeEach(async () => {
  caller = await startCaller({ devices: 2, users: 1 });
});
afterEach(() => caller.stop());

const state = async () =>
  (await fetch(`${caller.simulator.controlUrl}/state`)).json() as Promise<Record<string, unknown>>;
const ask = () => caller.get("wmi/SMS_R_User");

test("the calls are listed with the schema of their input, and input that does not fit changes nothing", async () => {
  const { calls } = (await (await fetch(`${caller.simulator.controlUrl}/`)).json()) as { calls: { path: string }[] };
  expect(calls.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["/state", "/switches", "/outcome", "/fail-next"]),
  );
  const refused = await caller.control("/switches", { policyDelayMs: -1, nonsense: true });
  expect([refused.status, refused.body.error]).toEqual([400, expect.stringContaining("policyDelayMs")]);
  expect((await caller.control("/outcome", { serial: "nobody", adamId: "1", code: 5002 })).status).toBe(400);
});

test("the state tells of devices and requests, and of no credential", async () => {
  await ask();
  const seen = await state();
  expect(seen).toMatchObject({ siteCode: "P01", devices: [{}, {}, {}, {}], users: [{}] });
  expect(seen.requests).toMatchObject([{ method: "GET", path: expect.stringContaining("SMS_R_User"), answer: 200 }]);
  const { account, clientApp } = caller.simulator;
  for (const secret of [account.password, clientApp.clientSecret]) expect(JSON.stringify(seen)).not.toContain(secret);
});

test("requests fail as planned, by status, by a cut before, after or in the midst of the answer", async () => {
  await caller.control("/fail-next", { class: "sms_r_user", status: 429 });
  expect((await caller.get("wmi/SMS_R_System")).status).toBe(200);
  expect((await ask()).status).toBe(429);
  expect((await ask()).status).toBe(200);
  for (const mode of ["drop", "truncate"]) {
    await caller.control("/fail-next", { mode });
    await expect(ask()).rejects.toThrow();
  }
  await caller.control("/fail-next", { mode: "afterEffect", method: "POST" });
  const body = { Name: "Own", CollectionType: 2, LimitToCollectionID: "SMS00001" };
  await expect(caller.post("wmi/SMS_Collection", body)).rejects.toThrow();
  expect([...caller.simulator.site.collections.rows.values()].map(({ name }) => name)).toContain("Own");
});

test("the site is away for a while, and forbids a class until it allows it", async () => {
  await caller.control("/unavailable", { ms: 60_000 });
  expect((await ask()).status).toBe(503);
  await caller.control("/unavailable", { ms: 0 });
  await caller.control("/forbid", { class: "SMS_R_User" });
  expect((await ask()).status).toBe(403);
  await caller.control("/allow");
  expect((await ask()).status).toBe(200);
});

test("a request that is held has had its effect when it is answered", async () => {
  await caller.control("/hold", { class: "SMS_Collection", method: "POST" });
  const held = caller.post("wmi/SMS_Collection", { Name: "Own", CollectionType: 2, LimitToCollectionID: "SMS00001" });
  while (!JSON.stringify((await state()).collections).includes('"Own"'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await caller.control("/release")).body).toEqual({ released: 1 });
  expect((await held).status).toBe(201);
});

test("a device is added, changed and removed", async () => {
  const { body } = await caller.control("/add-device", { serial: "NEW-1", user: "user1" });
  const path = `wmi/SMS_R_System(${body.ResourceID})`;
  expect((await caller.get(path)).body.value).toMatchObject([
    { LastLogonUserName: "user1", ClientType: 3, Obsolete: 0 },
  ]);
  await caller.control("/change-device", { serial: "NEW-1", obsolete: true, user: null });
  expect((await caller.get(path)).body.value).toMatchObject([{ LastLogonUserName: null, Obsolete: 1 }]);
  await caller.control("/remove-device", { serial: "NEW-1" });
  expect((await caller.get(path)).status).toBe(404);
});

test("the certificate is renewed, which whoever pinned the old one notices", async () => {
  const before = caller.simulator.certificate().fingerprint;
  const { body } = await caller.control("/renew-certificate");
  expect(body.fingerprint).not.toBe(before);
  await expect(ask()).rejects.toThrow();
});

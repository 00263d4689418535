import { expect, test } from "vitest";
import { send, startCaller } from "./apple-caller.js";

test("a request without a token is 9601 with HTTP 401", async () => {
  const { simulator } = await startCaller();
  const { status, body } = await send(`${simulator.baseUrl}/assets`, {});
  expect([status, body.errorNumber]).toEqual([401, 9601]);
});

test.each(["Basic abc", "Bearer", "Bearer a b", "Bearer  abc"])(
  "the header %j is malformed: 9722",
  async (authorization) => {
    const { simulator } = await startCaller();
    const { status, body } = await send(`${simulator.baseUrl}/assets`, { headers: { authorization } });
    expect([status, body.errorNumber]).toEqual([401, 9722]);
  },
);

test("an unknown token and the inner token of a real file are 9622", async () => {
  const { simulator, get } = await startCaller();
  const inner = JSON.parse(Buffer.from(simulator.tokenFile, "base64").toString("utf8")).token as string;
  for (const token of ["bm90aGluZw==", inner]) {
    const { status, body } = await get("/client/config", token);
    expect([status, body.errorNumber]).toEqual([401, 9622]);
  }
});

test("a token past its date is 9621", async () => {
  const { get } = await startCaller({ tokenExpiresAt: new Date("2020-01-01T00:00:00Z") });
  const { status, body } = await get("/assets");
  expect([status, body.errorNumber]).toEqual([401, 9621]);
});

test("with errors in the body the same refusal comes with HTTP 200 and no data", async () => {
  const { get, control } = await startCaller({ switches: { errorTransport: "body" } });
  await control("/revoke-token");
  const { status, body } = await get("/assets");
  expect([status, body.errorNumber]).toEqual([200, 9625]);
  expect(body.assets).toBeUndefined();
});

test("expire-token and revoke-token stop a token that worked", async () => {
  const { get, control } = await startCaller();
  expect((await get("/assets")).status).toBe(200);
  await control("/expire-token");
  expect((await get("/assets")).body.errorNumber).toBe(9621);
  await control("/revoke-token");
  expect((await get("/assets")).body.errorNumber).toBe(9625);
});

test("a renewed token works and the earlier one is revoked", async () => {
  const { simulator, get, control } = await startCaller();
  const renewed = (await control("/renew-token", { expiresAt: "2033-05-06T07:08:09Z" })).body.tokenFile as string;
  expect((await get("/assets", simulator.tokenFile)).body.errorNumber).toBe(9625);
  const { status, body } = await get("/assets", renewed);
  expect([status, body.tokenExpirationDate]).toEqual([200, "2033-05-06T07:08:09+0000"]);
  const file = await send(`${simulator.controlUrl}/token-file`, {});
  expect(file.body.tokenFile).toBe(renewed);
});

test("the common fields are on every accepted answer, mdmInfo only once it is set", async () => {
  const { get, post } = await startCaller();
  const before = (await get("/users")).body;
  expect(before).toMatchObject({ uId: "2000000000000001", tokenExpirationDate: expect.stringMatching(/\+0000$/) });
  expect(before).not.toHaveProperty("mdmInfo");
  const mdmInfo = { id: "a", name: "b", metadata: "c" };
  await post("/client/config", { mdmInfo });
  expect((await get("/users")).body.mdmInfo).toEqual(mdmInfo);
});

test("the expiry can be shown only in the last fifteen days", async () => {
  const { simulator, get, control } = await startCaller({ switches: { tokenExpirationDate: "within15Days" } });
  expect((await get("/assets")).body).not.toHaveProperty("tokenExpirationDate");
  const soon = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const renewed = (await control("/renew-token", { expiresAt: soon })).body.tokenFile as string;
  expect((await get("/assets", renewed)).body).toHaveProperty("tokenExpirationDate");
  expect(simulator.world.locations[0]?.tokens).toHaveLength(2);
});

test("a wrong method is 9726, a wrong content type 9727, a body that is no JSON object 9602", async () => {
  const { simulator, get, post } = await startCaller();
  const wrongMethod = await get("/assets/associate");
  expect([wrongMethod.status, wrongMethod.body.errorNumber]).toEqual([405, 9726]);
  expect((await post("/service/config", {})).body.errorNumber).toBe(9726);
  const request = (contentType: string, body: string) =>
    send(`${simulator.baseUrl}/users/create`, {
      method: "POST",
      headers: { authorization: `Bearer ${simulator.tokenFile}`, "content-type": contentType },
      body,
    });
  const wrongType = await request("text/plain", "{}");
  expect([wrongType.status, wrongType.body.errorNumber]).toEqual([415, 9727]);
  for (const body of ["", "{", "[]", "null", '"text"']) {
    const { status, body: refused } = await request("application/json; charset=utf-8", body);
    expect([status, refused.errorNumber]).toEqual([400, 9602]);
  }
});

test("an address that Apple does not have is 404", async () => {
  const { get } = await startCaller();
  expect((await get("/licenses")).status).toBe(404);
});

test("a planned renewal leaves the earlier token valid for a while", async () => {
  const { simulator, get, control } = await startCaller({ switches: { renewalRevokes: "later" } });
  const renewed = (await control("/renew-token")).body.tokenFile as string;
  for (const token of [simulator.tokenFile, renewed]) expect((await get("/assets", token)).status).toBe(200);
  await control("/switches", { renewalRevokesAfterMs: 0 });
  const newest = (await control("/renew-token")).body.tokenFile as string;
  for (const token of [simulator.tokenFile, renewed]) {
    expect((await get("/assets", token)).body.errorNumber).toBe(9625);
  }
  expect((await get("/assets", newest)).status).toBe(200);
});

test("a token can be revoked at a time ahead", async () => {
  const { get, control } = await startCaller();
  await control("/revoke-token", { at: "2100-01-01T00:00:00Z" });
  expect((await get("/assets")).status).toBe(200);
  await control("/revoke-token", { afterMs: 20 });
  await expect.poll(async () => (await get("/assets")).body.errorNumber).toBe(9625);
});

test("revoking the earlier tokens leaves the newest one", async () => {
  const { simulator, get, control } = await startCaller({ switches: { renewalRevokes: "later" } });
  const renewed = (await control("/renew-token")).body.tokenFile as string;
  expect((await control("/revoke-token", { which: "earlier" })).body.revoked).toBe(1);
  expect((await get("/assets", simulator.tokenFile)).body.errorNumber).toBe(9625);
  expect((await get("/assets", renewed)).status).toBe(200);
  await control("/revoke-token", { which: "all" });
  expect((await get("/assets", renewed)).body.errorNumber).toBe(9625);
});

test("a changed password revokes all tokens of that account, in all locations, and no other", async () => {
  const { simulator, get, control } = await startCaller({ switches: { renewalRevokes: "later" } });
  const second = simulator.addLocation({ apps: 1, licenses: 1 }).token.text;
  const others = (await control("/renew-token", { account: "deputy@example.com" })).body.tokenFile as string;
  expect((await control("/change-password", { account: "admin@example.com" })).body.revoked).toBe(2);
  for (const token of [simulator.tokenFile, second]) {
    expect((await get("/assets", token)).body.errorNumber).toBe(9625);
  }
  expect((await get("/assets", others)).status).toBe(200);
  expect((await control("/change-password")).body).toEqual({ account: "deputy@example.com", revoked: 1 });
  expect((await get("/assets", others)).body.errorNumber).toBe(9625);
});

test("a read-only token reads, and its writes are 9637 and start nothing", async () => {
  const { simulator, get, post, control } = await startCaller();
  await control("/token-kind", { kind: "readOnly" });
  for (const path of ["/assets", "/assignments", "/users", "/client/config"])
    expect((await get(path)).status).toBe(200);
  for (const path of ["/users/create", "/assets/associate", "/client/config"]) {
    const { status, body } = await post(path, {});
    expect([status, body.errorNumber]).toEqual([403, 9637]);
  }
  expect(simulator.world.locations[0]?.events.list()).toEqual([]);
  await control("/token-kind", { kind: "full" });
  expect((await post("/client/config", {})).status).toBe(200);
});

test("with readOnlyReads=lists a read-only token reads only the three lists", async () => {
  const { get, control } = await startCaller({ switches: { readOnlyReads: "lists" } });
  const readOnly = (await control("/renew-token", { kind: "readOnly" })).body.tokenFile as string;
  for (const path of ["/assets", "/assignments", "/users"]) expect((await get(path, readOnly)).status).toBe(200);
  expect(await get("/client/config", readOnly)).toMatchObject({ status: 403, body: { errorNumber: 9637 } });
});

test("a legacy token is 9647 everywhere", async () => {
  const { get, control } = await startCaller();
  await control("/token-kind", { kind: "legacy" });
  for (const path of ["/assets", "/client/config"]) {
    const { status, body } = await get(path);
    expect([status, body.errorNumber]).toEqual([403, 9647]);
  }
});

test("an unknown token comes with HTTP 200 when errors travel in the body", async () => {
  const { get } = await startCaller({ switches: { errorTransport: "body" } });
  expect(await get("/assets", "bm90aGluZw==")).toMatchObject({ status: 200, body: { errorNumber: 9622 } });
});

test("mdmInfo can be shown on client/config only, and as null before it is set", async () => {
  const { get, post, control } = await startCaller({ switches: { mdmInfo: "clientConfig", mdmInfoUnset: "null" } });
  expect((await get("/client/config")).body.mdmInfo).toBeNull();
  expect((await get("/assets")).body).not.toHaveProperty("mdmInfo");
  const mdmInfo = { id: "a", name: "b", metadata: "c" };
  await post("/client/config", { mdmInfo });
  expect((await get("/client/config")).body.mdmInfo).toEqual(mdmInfo);
  expect((await get("/assets")).body).not.toHaveProperty("mdmInfo");
  await control("/switches", { mdmInfo: "always" });
  expect((await get("/assets")).body.mdmInfo).toEqual(mdmInfo);
});

test("with mdmInfo on every answer an unset one is null there, too, if switched so", async () => {
  const { get } = await startCaller({ switches: { mdmInfoUnset: "null" } });
  for (const path of ["/assets", "/assignments", "/users"]) expect((await get(path)).body.mdmInfo).toBeNull();
});

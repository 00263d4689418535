import { expect, test } from "vitest";
import { PluginError } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { listAll, startTenant } from "./tenant.js";

async function failing(failure: object, switches = {}): Promise<PluginError> {
  const tenant = await startTenant({ switches });
  await tenant.control("/fail-next", { path: "/deviceManagement/managedDevices", ...failure });
  const error = await listAll(tenant.connection, "device").catch((thrown: unknown) => thrown);
  if (!(error instanceof PluginError)) throw new Error(`No PluginError: ${error}`);
  return error;
}

test("pages are followed by Graph's own links, however small they are", async () => {
  const { connection, requests } = await startTenant({ users: 7, switches: { pageSize: 2 } });
  expect(await listAll(connection, "user")).toHaveLength(7);
  const links = requests().filter(({ path }) => path.includes("/users?"));
  expect(links).toHaveLength(4);
  expect(links.at(-1)?.path).toContain("%24skiptoken=");
});

test("a link that leads to another host is not followed", async () => {
  const tenant = await startTenant({ switches: { pageSize: 2, nextLinkOrigin: "http://evil.example" } });
  await expect(listAll(tenant.connection, "user")).rejects.toMatchObject({
    kind: "internal",
    message: expect.stringContaining("evil.example"),
  });
});

test.each([
  ["seconds", 5000],
  ["date", 5000],
  ["inMessage", 5000],
  ["none", undefined],
] as const)("throttling with Retry-After as %s is passing", async (retryAfter, expected) => {
  const { kind, options } = await failing({ status: 429, code: "TooManyRequests", retryAfter: 5 }, { retryAfter });
  expect(kind).toBe("transient");
  if (expected === undefined) expect(options.retryAfterMs).toBeUndefined();
  else expect(Math.abs((options.retryAfterMs ?? 0) - expected)).toBeLessThan(2000);
});

test.each([500, 502, 503, 504, 409])("%i is worth another try", async (status) => {
  expect((await failing({ status })).kind).toBe("transient");
});

test("the words of an error are read from inside the JSON that Intune puts into its message", async () => {
  const { message, options, kind } = await failing({ status: 400, code: "BadRequest", message: "Something specific." });
  expect(kind).toBe("rejected");
  expect(message).toContain("Something specific.");
  expect(message).not.toContain("_version");
  expect(options.vendorCode).toBe("BadRequest");
});

test("they are read from a plain message, too", async () => {
  const { message } = await failing({ status: 400, message: "Plain words." }, { intuneErrors: "plain" });
  expect(message).toContain("Plain words.");
});

test("a missing permission is an admin's matter", async () => {
  expect(await failing({ status: 403, code: "Forbidden" })).toMatchObject({ kind: "config" });
});

test("a connection that is cut is worth another try", async () => {
  expect((await failing({ mode: "drop" })).kind).toBe("transient");
});

test("a call ends when its signal fires", async () => {
  const tenant = await startTenant();
  await tenant.control("/hold", { path: "/v1.0/users" });
  const controller = new AbortController();
  const listing = tenant.connection.listHolders?.("user", null, controller.signal);
  setTimeout(() => controller.abort(), 50);
  await expect(listing).rejects.toMatchObject({ kind: "transient" });
});

test.each([
  ["cut off", '{"value":[{"id":"1"'],
  ["a page of a proxy", "<html><body>Sign in to the network</body></html>"],
])("an answer that is %s is worth another try", async (_, body) => {
  const tenant = await startTenant();
  const fetch: typeof globalThis.fetch = async (input, init) =>
    String(input).includes("/users") ? new Response(body) : globalThis.fetch(input, init);
  const connection = await tenant.connect({}, { fetch });
  await expect(listAll(connection, "user")).rejects.toMatchObject({ kind: "transient" });
});

test("an answer of another shape is not understood, and said to be so", async () => {
  const tenant = await startTenant();
  const fetch: typeof globalThis.fetch = async (input, init) =>
    String(input).includes("/users") ? Response.json({ value: [{ name: "no id" }] }) : globalThis.fetch(input, init);
  const connection = await tenant.connect({}, { fetch });
  await expect(listAll(connection, "user")).rejects.toMatchObject({
    kind: "internal",
    message: expect.stringContaining("read the users"),
  });
});

test("pages that go round in circles end", async () => {
  const tenant = await startTenant();
  const link = `${tenant.simulator.url}/beta/deviceAppManagement/vppTokens`;
  const fetch: typeof globalThis.fetch = async (input, init) =>
    String(input).includes("/vppTokens")
      ? Response.json({ value: [], "@odata.nextLink": link })
      : globalThis.fetch(input, init);
  const connection = await tenant.connect({}, { fetch });
  await expect(connection.licenses?.tokens(CALM)).rejects.toMatchObject({ kind: "internal" });
});

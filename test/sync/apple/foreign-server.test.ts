import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type AppleClient, createAppleClient } from "../../../src/sync/apple/apple-client.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";

/** What an Apple that our simulator is not may answer. */
let answers: Map<string, { status?: number; body: unknown; headers?: Record<string, string> }>;
let seen: IncomingMessage[];
let server: Server;
let database: TestDatabase;
let client: AppleClient;
let origin: string;

const access = { tokenId: "2f0c0f3e-0000-4000-8000-000000000001", text: "c2VjcmV0LXRva2Vu" };
const LIMITS = { maxAssets: 25, maxClientUserIds: 1000, maxSerialNumbers: 1000, maxUsers: 100 };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(request);
    const answer = answers.get((request.url ?? "").split("?")[0] ?? "") ?? { status: 404, body: "nothing here" };
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers = new Map([["/mdm/v2/service/config", { body: { urls: {}, limits: LIMITS } }]]);
  client = createAppleClient({
    baseUrl: `${origin}/mdm/v2`,
    dataSource: database.dataSource,
    clock: createSystemClock(1000),
    log: pino({ level: "silent" }),
  });
});
afterEach(async () => {
  await client.close();
  await new Promise((resolve) => server.close(resolve));
});

const page = { totalPages: 1, versionId: "v1" };
const asset = {
  adamId: "1",
  pricingParam: "STDQ",
  productType: "App",
  totalCount: 5,
  assignedCount: 1,
  availableCount: 4,
  retiredCount: 0,
  deviceAssignable: true,
  revocable: true,
};

it("passes over fields and values that it does not know", async () => {
  const odd = { ...asset, adamId: 7, productType: "Hologram", novelty: { deep: true } };
  answers.set("/mdm/v2/assets", { body: { ...page, assets: [odd, { ...asset, pricingParam: "NEWQ" }] } });
  const { assets, skipped } = await client.assets(access, {});
  expect(assets).toMatchObject([{ adamId: "7", productType: "APP", platforms: [] }]);
  expect(skipped).toBe(1);
});

it("takes unlimited items that come in a list of their own, without counts", async () => {
  const { totalCount, availableCount, retiredCount, ...unlimited } = asset;
  answers.set("/mdm/v2/assets", { body: { ...page, assets: [], unlimitedAssets: [unlimited] } });
  const { assets } = await client.assets(access, {});
  expect(assets).toMatchObject([{ totalCount: 2147483647, availableCount: 2147483647, retiredCount: 0 }]);
  expect([totalCount, availableCount, retiredCount]).toEqual([5, 4, 0]);
});

it.each([
  ["a count is missing", { ...asset, assignedCount: undefined }, "assets.0.assignedCount"],
  ["a count is negative", { ...asset, totalCount: -1 }, "assets.0.totalCount"],
  ["a flag is a text", { ...asset, revocable: "yes" }, "assets.0.revocable"],
])("refuses a page whole when %s, and names the field", async (_, row, field) => {
  answers.set("/mdm/v2/assets", { body: { ...page, assets: [row] } });
  await expect(client.assets(access, {})).rejects.toMatchObject({
    kind: "permanent",
    message: expect.stringContaining(field),
  });
});

it("refuses a holding of nobody", async () => {
  answers.set("/mdm/v2/assignments", { body: { ...page, assignments: [{ adamId: "1" }] } });
  await expect(client.assignments(access, {})).rejects.toMatchObject({ kind: "permanent" });
});

it("takes the standard quality where a holding names none", async () => {
  answers.set("/mdm/v2/assignments", { body: { ...page, assignments: [{ adamId: "1", serialNumber: "S" }] } });
  expect((await client.assignments(access, {})).assignments).toEqual([
    { adamId: "1", pricingParam: "STDQ", serialNumber: "S", clientUserId: null },
  ]);
});

it("does not believe a page that is not Apple's", async () => {
  answers.set("/mdm/v2/assets", { body: "<html>Please sign in to the network</html>" });
  await expect(client.assets(access, {})).rejects.toMatchObject({ kind: "retryable" });
});

it("takes a write whose answer has no event as perhaps done", async () => {
  answers.set("/mdm/v2/assets/associate", { body: { uId: "1" } });
  const order = { assets: [{ adamId: "1", pricingParam: "STDQ" }], clientUserIds: ["u"], serialNumbers: [] };
  await expect(client.associate(access, order)).rejects.toMatchObject({ maybeDone: true });
});

it("takes a refusal without a number by its status", async () => {
  answers.set("/mdm/v2/client/config", { status: 401, body: "" });
  await expect(client.clientConfig(access)).rejects.toMatchObject({ kind: "token", httpStatus: 401 });
});

it("understands a Retry-After that is a date", async () => {
  const at = new Date(Date.now() + 3_600_000).toUTCString();
  answers.set("/mdm/v2/assets", { status: 503, body: "", headers: { "retry-after": at } });
  const error: unknown = await client.assets({ ...access, tokenId: "dated" }, {}).catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ kind: "retryable", retryAfterMs: expect.any(Number) });
});

it("follows no redirect", async () => {
  answers.set("/mdm/v2/assets", { status: 302, body: "", headers: { location: `${origin}/elsewhere` } });
  await expect(client.assets(access, {})).rejects.toMatchObject({ httpStatus: 302 });
  expect(seen.map(({ url }) => url)).not.toContain("/elsewhere");
});

it("sends the token only to the configured server, whatever addresses it is given", async () => {
  const urls = { getAssets: "https://example.com/assets", contentMetadataLookup: "http://localhost:1/lookup" };
  answers.set("/mdm/v2/service/config", { body: { urls, limits: LIMITS } });
  answers.set("/mdm/v2/assets", { body: { ...page, assets: [asset] } });
  expect((await client.assets(access, {})).assets).toHaveLength(1);
  expect(seen.at(-1)?.headers.authorization).toBe(`Bearer ${access.text}`);
});

it("goes where the configuration says at the same server", async () => {
  answers.set("/mdm/v2/service/config", { body: { urls: { getAssets: `${origin}/moved` }, limits: LIMITS } });
  answers.set("/moved", { body: { ...page, assets: [asset] } });
  expect((await client.assets(access, {})).assets).toHaveLength(1);
});

it("names the limit that the configuration lacks", async () => {
  answers.set("/mdm/v2/service/config", { body: { urls: {}, limits: { ...LIMITS, maxUsers: undefined } } });
  await expect(client.serviceConfig()).rejects.toMatchObject({ message: expect.stringContaining("limits.maxUsers") });
});

it("has no token in its errors", async () => {
  await new Promise((resolve) => server.close(resolve));
  const error: unknown = await client.clientConfig(access).catch((refusal: unknown) => refusal);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error as object))).not.toContain(access.text);
});

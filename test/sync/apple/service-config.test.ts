import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type AppleClient, createAppleClient } from "../../../src/sync/apple/apple-client.js";
import type { Clock } from "../../../src/sync/core.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { LIMITS, type SmallServer, startSmallServer } from "./small-server.js";

const MINUTE_MS = 60_000;
const access = { tokenId: "2f0c0f3e-0000-4000-8000-000000000004", text: "dG9rZW4=" };
const EMPTY = { totalPages: 0, versionId: "v", assets: [] };

let server: SmallServer;
let database: TestDatabase;
let client: AppleClient;
let now: number;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  server = await startSmallServer();
  now = Date.parse("2030-01-01T00:00:00Z");
  const clock: Clock = {
    ...createSystemClock(1000),
    now: () => new Date(now),
    in: (durationMs) => new Date(now + durationMs),
  };
  client = createAppleClient({
    baseUrl: server.baseUrl,
    dataSource: database.dataSource,
    clock,
    log: pino({ level: "silent" }),
  });
});
afterEach(async () => {
  await client.close();
  await server.close();
});

const readings = () => server.seen.filter(({ url }) => url === "/mdm/v2/service/config").length;

it("is read without the token", async () => {
  await client.serviceConfig();
  expect(server.seen[0]?.headers.authorization).toBeUndefined();
});

it("serves for five minutes, and is then read again", async () => {
  await client.serviceConfig();
  now += 5 * MINUTE_MS - 1;
  await client.serviceConfig();
  expect(readings()).toBe(1);
  now += 1;
  await client.serviceConfig();
  expect(readings()).toBe(2);
});

it("has its new limits and addresses in force with the next call", async () => {
  server.answer("/mdm/v2/assets", { body: EMPTY });
  server.answer("/moved/assets", { body: EMPTY });
  await client.assets(access, {});
  const urls = { getAssets: `${server.origin}/moved/assets` };
  server.answer("/mdm/v2/service/config", { body: { urls, limits: { ...LIMITS, maxUsers: 7 } } });
  now += 5 * MINUTE_MS;
  await client.assets(access, {});
  expect(server.seen.at(-1)?.url).toBe("/moved/assets");
  expect((await client.serviceConfig()).limits.maxUsers).toBe(7);
});

it.each([
  ["a status", { status: 503, body: "" }],
  ["Apple's number", { body: { errorNumber: 9644 } }],
  ["something else's page", { body: "<html>" }],
  ["an absurd limit", { body: { urls: {}, limits: { ...LIMITS, maxAssets: 0 } } }],
])("goes on serving when it is answered with %s, and is tried again after half a minute", async (_, reply) => {
  const { limits } = await client.serviceConfig();
  server.answer("/mdm/v2/service/config", reply);
  now += 5 * MINUTE_MS;
  expect((await client.serviceConfig()).limits).toEqual(limits);
  expect((await client.serviceConfig()).limits).toEqual(limits);
  expect(readings()).toBe(2);
  now += MINUTE_MS / 2;
  await client.serviceConfig();
  expect(readings()).toBe(3);
});

it("is read once for all who ask at the same time", async () => {
  await Promise.all(Array.from({ length: 20 }, () => client.serviceConfig()));
  expect(readings()).toBe(1);
});

it("is tried five times before the first call fails", async () => {
  server.answer("/mdm/v2/service/config", { status: 503, body: "" });
  await expect(client.assets(access, {})).rejects.toMatchObject({ kind: "retryable", httpStatus: 503 });
  expect(readings()).toBe(5);
});

it("may write limits as texts, leave out those of later releases, and name services of any shape", async () => {
  const urls = { getAssets: "/mdm/v2/assets?x=1", novelty: { host: "x" }, nothing: null };
  const limits = { ...LIMITS, maxUsers: "50", maxMdmIdLength: null, maxMdmMetadataLength: 300, maxNovelty: "many" };
  server.answer("/mdm/v2/service/config", { body: { urls, limits, errorCodes: null, notificationTypes: "none" } });
  expect(await client.serviceConfig()).toEqual({
    urls: { getAssets: "/mdm/v2/assets?x=1" },
    limits: {
      ...LIMITS,
      maxUsers: 50,
      maxMdmIdLength: null,
      maxMdmNameLength: null,
      maxMdmMetadataLength: 300,
      maxNotificationLength: null,
      maxRequestPerSecond: null,
    },
  });
});

it.each([
  ["limits", { urls: {} }],
  ["urls", { limits: LIMITS }],
  ["limits.maxAssets", { urls: {}, limits: { ...LIMITS, maxAssets: -1 } }],
  ["limits.maxSerialNumbers", { urls: {}, limits: { ...LIMITS, maxSerialNumbers: "lots" } }],
  ["limits.maxRequestPerSecond", { urls: {}, limits: { ...LIMITS, maxRequestPerSecond: 0 } }],
])("that lacks %s, or has it absurd, is refused by that name", async (field, body) => {
  server.answer("/mdm/v2/service/config", { body });
  await expect(client.serviceConfig()).rejects.toMatchObject({
    kind: "permanent",
    message: expect.stringContaining(`${field}: `),
  });
});

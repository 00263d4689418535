import { createServer, type Server } from "node:http";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AppleClient, createAppleClient } from "../../../src/sync/apple/apple-client.js";
import { createRequestBudget } from "../../../src/sync/apple/request-budget.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { closeServer, LIMITS, listen } from "./small-server.js";

/** Where the server stalls. */
let stalls: string;
let arrived: string[];
let server: Server;
let baseUrl: string;
let database: TestDatabase;
let client: AppleClient;
let tokenId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  stalls = "nowhere";
  arrived = [];
  tokenId = crypto.randomUUID();
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "", "http://apple.test").pathname;
    arrived.push(path);
    if (path.endsWith(stalls)) return;
    const urls = { contentMetadataLookup: `${baseUrl}/lookup` };
    response.end(JSON.stringify({ urls, limits: LIMITS, results: {}, uId: "1" }));
  });
  baseUrl = `http://127.0.0.1:${await listen(server)}/mdm/v2`;
  client = newClient();
});
afterEach(async () => {
  await client.close();
  await closeServer(server);
});

function newClient(timeScale = 1): AppleClient {
  return createAppleClient({
    baseUrl,
    dataSource: database.dataSource,
    clock: createSystemClock(timeScale),
    log: pino({ level: "silent" }),
    timeouts: { connect: 600_000, headers: 600_000, body: 600_000 },
  });
}

const access = () => ({ tokenId, text: "dG9rZW4=" });
const ORDER = { assets: [{ adamId: "1", pricingParam: "STDQ" }], clientUserIds: [], serialNumbers: ["S"] };
const PLACE = { country: "US", platform: "enterprisestore" };
const MDM_INFO = { id: "us", name: "Allotment", metadata: "{}" };
const SUBSCRIPTION = {
  mdmInfo: MDM_INFO,
  notificationUrl: "https://allotment.example.com/apple",
  notificationAuthToken: "secret",
  notificationTypes: [],
};

const READS: readonly (readonly [string, string, (signal: AbortSignal) => Promise<unknown>])[] = [
  ["serviceConfig", "/service/config", (signal) => client.serviceConfig(signal)],
  ["clientConfig", "/client/config", (signal) => client.clientConfig(access(), signal)],
  ["assets", "/assets", (signal) => client.assets(access(), {}, signal)],
  ["assignments", "/assignments", (signal) => client.assignments(access(), {}, signal)],
  ["users", "/users", (signal) => client.users(access(), {}, signal)],
  ["status", "/status", (signal) => client.status(access(), "event", signal)],
  ["metadata", "/lookup", (signal) => client.metadata(access(), ["1"], PLACE, signal)],
];
const WRITES: readonly (readonly [string, string, (signal: AbortSignal) => Promise<unknown>])[] = [
  ["claim", "/client/config", (signal) => client.claim(access(), MDM_INFO, signal)],
  ["subscribe", "/client/config", (signal) => client.subscribe(access(), SUBSCRIPTION, signal)],
  ["associate", "/assets/associate", (signal) => client.associate(access(), ORDER, signal)],
  ["disassociate", "/assets/disassociate", (signal) => client.disassociate(access(), ORDER, signal)],
  ["createUsers", "/users/create", (signal) => client.createUsers(access(), [{ clientUserId: "u" }], signal)],
  ["retireUsers", "/users/retire", (signal) => client.retireUsers(access(), ["u"], signal)],
];

/** Ends the call as soon as its request has arrived. */
async function cancelAtArrival(call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController();
  const outcome = call(controller.signal).catch((error: unknown) => error);
  await expect.poll(() => arrived.at(-1)?.endsWith(stalls), { interval: 5 }).toBe(true);
  controller.abort();
  return outcome;
}

describe("a signal", () => {
  it.each(READS)("ends %s while Apple does not answer", async (_, path, call) => {
    stalls = path;
    expect(await cancelAtArrival(call)).toMatchObject({ name: "AppleError", kind: "retryable", maybeDone: false });
  });

  it.each(WRITES)("ends %s while Apple does not answer, which may have been done then", async (_, path, call) => {
    stalls = path;
    expect(await cancelAtArrival(call)).toMatchObject({ name: "AppleError", kind: "retryable", maybeDone: true });
  });

  it.each([...READS, ...WRITES])("ends %s while the service's configuration is read for it", async (_, __, call) => {
    stalls = "/service/config";
    expect(await cancelAtArrival(call)).toMatchObject({ name: "AppleError", kind: "retryable", maybeDone: false });
    expect(arrived).toEqual(["/mdm/v2/service/config"]);
  });

  it.each([...READS, ...WRITES])("that has ended already lets %s send nothing with the token", async (_, __, call) => {
    await expect(call(AbortSignal.abort())).rejects.toMatchObject({ kind: "retryable", maybeDone: false });
    expect(arrived.filter((path) => path !== "/mdm/v2/service/config")).toEqual([]);
  });

  it("ends the wait for a turn", async () => {
    await createRequestBudget(database.dataSource, createSystemClock(1)).pause(tokenId, 20_000);
    await client.serviceConfig();
    const signal = AbortSignal.timeout(100);
    await expect(client.assets(access(), {}, signal)).rejects.toMatchObject({ retryAfterMs: null });
    await expect(client.associate(access(), ORDER, signal)).rejects.toMatchObject({ maybeDone: false });
    expect(arrived).toEqual(["/mdm/v2/service/config"]);
  });

  it("ends the wait before another attempt", async () => {
    const down = createAppleClient({
      baseUrl: "http://127.0.0.1:9/mdm/v2",
      dataSource: database.dataSource,
      clock: { ...createSystemClock(0.0001), random: () => 0.005 },
      log: pino({ level: "silent" }),
    });
    await expect(down.serviceConfig(AbortSignal.timeout(100))).rejects.toMatchObject({ kind: "retryable" });
    await down.close();
  });

  it("of one caller does not end the reading of the configuration for another", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.removeAllListeners("request");
    server.on(
      "request",
      (_, response) => void held.then(() => response.end(JSON.stringify({ urls: {}, limits: LIMITS }))),
    );
    const impatient = client.serviceConfig(AbortSignal.timeout(50));
    const patient = client.serviceConfig();
    await expect(impatient).rejects.toMatchObject({ kind: "retryable" });
    release();
    expect(await patient).toMatchObject({ limits: LIMITS });
  });
});

it("closing ends the reading of the configuration", async () => {
  stalls = "/service/config";
  const reading = client.serviceConfig().catch((error: unknown) => error);
  await expect.poll(() => arrived.length).toBe(1);
  await client.close();
  expect(await reading).toMatchObject({ kind: "retryable" });
});

import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AppleAccess, type AppleClient, createAppleClient } from "../../../src/sync/apple/apple-client.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { type SmallServer, startSmallServer } from "./small-server.js";

type Row = readonly [errorNumber: number, status: number, kind: "token" | "retryable" | "permanent"];

/** The synchronous table of v2. */
const SYNCHRONOUS: readonly Row[] = [
  [9601, 401, "token"],
  [9602, 400, "permanent"],
  [9603, 500, "retryable"],
  [9609, 400, "permanent"],
  [9621, 401, "token"],
  [9622, 401, "token"],
  [9623, 400, "permanent"],
  [9625, 401, "token"],
  [9634, 410, "permanent"],
  [9637, 403, "token"],
  [9646, 429, "retryable"],
  [9647, 403, "token"],
  [9650, 400, "permanent"],
  [9700, 400, "permanent"],
  [9701, 400, "permanent"],
  [9702, 400, "permanent"],
  [9703, 400, "permanent"],
  [9704, 400, "permanent"],
  [9705, 400, "permanent"],
  [9706, 400, "permanent"],
  [9707, 400, "permanent"],
  [9708, 400, "permanent"],
  [9710, 400, "permanent"],
  [9711, 400, "permanent"],
  [9712, 400, "permanent"],
  [9713, 400, "permanent"],
  [9714, 400, "permanent"],
  [9715, 400, "permanent"],
  [9717, 400, "permanent"],
  [9718, 400, "permanent"],
  [9719, 400, "permanent"],
  [9720, 400, "permanent"],
  [9721, 400, "permanent"],
  [9722, 401, "token"],
  [9723, 400, "permanent"],
  [9724, 400, "permanent"],
  [9725, 400, "permanent"],
  [9726, 405, "permanent"],
  [9727, 415, "permanent"],
  [9728, 400, "permanent"],
  [9729, 503, "retryable"],
  ...[9811, 9812, 9813, 9814, 9815, 9816, 9817, 9818].map((errorNumber): Row => [errorNumber, 400, "permanent"]),
];

/** Documented for events; whoever gets them at once is told the same. */
const ASYNCHRONOUS: readonly Row[] = [
  [9635, 400, "permanent"],
  [9641, 400, "permanent"],
  [9644, 503, "retryable"],
  [9709, 400, "permanent"],
  [9716, 400, "permanent"],
];

/** Those that only the v1 service documents, without a status. */
const OLDER: readonly Row[] = [
  ...[9600, 9604, 9605, 9607, 9610, 9614, 9616, 9618, 9619, 9620, 9624, 9628, 9629, 9633, 9636, 9642].map(
    (errorNumber): Row => [errorNumber, 400, "permanent"],
  ),
  ...[9606, 9608, 9612, 9613, 9617, 9626, 9627, 9630, 9631, 9632, 9643].map(
    (errorNumber): Row => [errorNumber, 400, "retryable"],
  ),
  ...[9611, 9615, 9638, 9639, 9640].map((errorNumber): Row => [errorNumber, 400, "token"]),
];

const NUMBERS = [...SYNCHRONOUS, ...ASYNCHRONOUS, ...OLDER];
/** Apple fails within, so that a write may have happened. */
const UNSURE = new Set([9603, 9608, 9612, 9613]);

const EACH = NUMBERS.flatMap(([errorNumber, status, kind]) => [
  { errorNumber, kind, transport: `HTTP ${status}`, status },
  { errorNumber, kind, transport: "HTTP 200", status: 200 },
]);
const RETRYABLE = EACH.filter(({ kind }) => kind === "retryable");

const ORDER = { assets: [{ adamId: "1", pricingParam: "STDQ" }], clientUserIds: [], serialNumbers: ["S"] };

let server: SmallServer;
let database: TestDatabase;
let client: AppleClient;
let replica: AppleClient;
let access: AppleAccess;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startSmallServer();
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

beforeEach(() => {
  server.seen.length = 0;
  access = { tokenId: crypto.randomUUID(), text: "dG9rZW4=" };
  client = newClient(1000);
  replica = newClient(1000);
});
afterEach(() => Promise.all([client.close(), replica.close()]));

function newClient(timeScale: number): AppleClient {
  return createAppleClient({
    baseUrl: server.baseUrl,
    dataSource: database.dataSource,
    clock: createSystemClock(timeScale),
    log: pino({ level: "silent" }),
  });
}

/** The text is another one than Apple's: it must not matter. */
function refuseWith(errorNumber: number, status: number, headers: Record<string, string> = {}): void {
  const reply = { status, headers, body: { errorNumber, errorMessage: "Everything is fine." } };
  server.answer("/mdm/v2/assets", reply);
  server.answer("/mdm/v2/assets/associate", reply);
}

const sent = (path: string) => server.seen.filter(({ url }) => url?.split("?")[0] === `/mdm/v2${path}`).length;

describe("the table of numbers", () => {
  it("has each number once", () => {
    expect(new Set(NUMBERS.map(([errorNumber]) => errorNumber)).size).toBe(NUMBERS.length);
  });
});

describe.each(EACH)("Apple's number $errorNumber with $transport", ({ errorNumber, kind, status }) => {
  it(`is ${kind} for a read, which is ${kind === "retryable" ? "repeated" : "not repeated"}`, async () => {
    refuseWith(errorNumber, status);
    await expect(client.assets(access, {})).rejects.toMatchObject({
      name: "AppleError",
      errorNumber,
      httpStatus: status,
      kind,
      maybeDone: false,
      retryAfterMs: null,
    });
    expect(sent("/assets")).toBe(kind === "retryable" ? 5 : 1);
  });

  it(`is ${kind} for a write, which ${UNSURE.has(errorNumber) ? "may have been" : "was not"} done and is not repeated`, async () => {
    refuseWith(errorNumber, status);
    await expect(client.associate(access, ORDER)).rejects.toMatchObject({
      errorNumber,
      httpStatus: status,
      kind,
      maybeDone: UNSURE.has(errorNumber),
    });
    expect(sent("/assets/associate")).toBe(1);
  });
});

describe.each(RETRYABLE)("Retry-After beside $errorNumber with $transport", ({ errorNumber, status }) => {
  it("is told when it is long, and holds back reads and writes of all replicas", async () => {
    refuseWith(errorNumber, status, { "retry-after": "60" });
    await expect(client.assets(access, {})).rejects.toMatchObject({ errorNumber, retryAfterMs: 60_000 });
    expect(server.seen.filter(({ url }) => url?.startsWith("/mdm/v2/assets"))).toHaveLength(1);
    const paused = { kind: "retryable", errorNumber: null, maybeDone: false, retryAfterMs: expect.any(Number) };
    await expect(replica.assets(access, {})).rejects.toMatchObject(paused);
    await expect(replica.associate(access, ORDER)).rejects.toMatchObject(paused);
    expect(server.seen.filter(({ url }) => url?.startsWith("/mdm/v2/assets"))).toHaveLength(1);
  });
});

it.each([
  ["seconds", () => "1"],
  ["an HTTP date", () => new Date(Date.now() + 1500).toUTCString()],
])("waits out a short Retry-After in %s, then reads", async (_, header) => {
  server.answer("/mdm/v2/assets", () =>
    sent("/assets") === 1
      ? { status: 503, headers: { "retry-after": header() }, body: { errorNumber: 9729 } }
      : { body: { assets: [], totalPages: 0, versionId: "v" } },
  );
  expect((await client.assets(access, {})).assets).toEqual([]);
  expect(sent("/assets")).toBe(2);
});

it.each([
  [429, "no Retry-After", {}],
  [200, "no Retry-After", {}],
  [429, "one that is over", { "retry-after": "Mon, 01 Jan 2024 00:00:00 GMT" }],
])("pauses the token for all replicas after 9646 with status %d and %s", async (status, _, headers) => {
  // So slow that the second of pause lasts longer than anybody waits.
  const slow = newClient(0.01);
  refuseWith(9646, status, headers);
  await expect(slow.associate(access, ORDER)).rejects.toMatchObject({ errorNumber: 9646 });
  await expect(replica.associate(access, ORDER)).rejects.toMatchObject({ errorNumber: null, kind: "retryable" });
  expect(sent("/assets/associate")).toBe(1);
  await slow.close();
});

it("pauses no other token", async () => {
  refuseWith(9646, 429, { "retry-after": "60" });
  await expect(client.assets(access, {})).rejects.toMatchObject({ errorNumber: 9646 });
  const other = { ...access, tokenId: crypto.randomUUID() };
  await expect(replica.assets(other, {})).rejects.toMatchObject({ errorNumber: 9646 });
});

it.each([
  [400, "permanent", false],
  [200, "permanent", false],
  [401, "token", false],
  [429, "retryable", false],
  [500, "retryable", true],
  [503, "retryable", true],
])("takes a number that Apple has added since by its status, %d", async (status, kind, maybeDone) => {
  refuseWith(9999, status);
  await expect(client.associate(access, ORDER)).rejects.toMatchObject({ errorNumber: 9999, kind, maybeDone });
});

it("knows a number that is written as a text", async () => {
  server.answer("/mdm/v2/assets", { body: { errorNumber: "9625" } });
  await expect(client.assets(access, {})).rejects.toMatchObject({ kind: "token", errorNumber: 9625 });
});

it.each([
  ["no body", ""],
  ["a page of a gateway", "<html><h1>Busy</h1></html>"],
])("reads Retry-After beside %s, in seconds and as a date", async (_, body) => {
  const at = new Date(Date.now() + 600_000).toUTCString();
  for (const [status, retryAfter] of [
    [429, "600"],
    [503, "600"],
    [429, at],
    [503, at],
  ] as const) {
    server.answer("/mdm/v2/assets", { status, body, headers: { "retry-after": retryAfter } });
    const fresh = { ...access, tokenId: crypto.randomUUID() };
    const refusal: unknown = await client.assets(fresh, {}).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ kind: "retryable", httpStatus: status, errorNumber: null });
    expect((refusal as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(300_000);
  }
});

it("reads the addresses anew when Apple says that they moved", async () => {
  server.answer("/mdm/v2/service/config", () => {
    const moved = sent("/service/config") > 1;
    const urls = moved ? { getAssets: `${server.origin}/elsewhere` } : {};
    return { body: { urls, limits: { maxAssets: 1, maxClientUserIds: 1, maxSerialNumbers: 1, maxUsers: 1 } } };
  });
  refuseWith(9617, 400);
  server.answer("/elsewhere", { body: { assets: [], totalPages: 0, versionId: "v" } });
  const patient = newClient(1);
  expect((await patient.assets(access, {})).assets).toEqual([]);
  expect(sent("/assets")).toBe(1);
  await patient.close();
});

import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answeredLocation } from "../../../src/sync/apple/answered-location.js";
import {
  type AnsweredLocation,
  type AppleAccess,
  type AppleClient,
  createAppleClient,
  type OnAnswer,
} from "../../../src/sync/apple/apple-client.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { type SmallServer, startSmallServer } from "./small-server.js";

const access = { tokenId: "2f0c0f3e-0000-4000-8000-000000000002", text: "c2VjcmV0LXRva2Vu" };
const MDM_INFO = { id: "us", name: "Allotment", metadata: "{}" };
const COMMON = { uId: "20001", mdmInfo: MDM_INFO, tokenExpirationDate: "2031-02-03T04:05:06+0000" };
const PAGE = { ...COMMON, totalPages: 0, versionId: "v" };
const SEEN = { locationId: "20001", mdmInfo: MDM_INFO, expiresAt: new Date("2031-02-03T04:05:06Z"), told: true };
const ORDER = { assets: [{ adamId: "1", pricingParam: "STDQ" }], clientUserIds: [], serialNumbers: ["S"] };

let server: SmallServer;
let database: TestDatabase;
let logged: string[];
let told: AnsweredLocation[];

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startSmallServer();
  server.answer("/mdm/v2/assets", { body: { ...PAGE, assets: [] } });
  server.answer("/mdm/v2/assignments", { body: { ...PAGE, assignments: [] } });
  server.answer("/mdm/v2/users", { body: { ...PAGE, users: [] } });
  server.answer("/mdm/v2/client/config", { body: COMMON });
  server.answer("/mdm/v2/status", { body: { ...COMMON, eventStatus: "PENDING" } });
  for (const write of ["assets/associate", "assets/disassociate", "users/create", "users/retire"]) {
    server.answer(`/mdm/v2/${write}`, { body: { ...COMMON, eventId: "event-1" } });
  }
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

let client: AppleClient;

beforeEach(() => {
  logged = [];
  told = [];
  client = clientThatTells(async (_, seen) => void told.push(seen));
});
afterEach(() => client.close());

function clientThatTells(onAnswer: OnAnswer): AppleClient {
  return createAppleClient({
    baseUrl: server.baseUrl,
    dataSource: database.dataSource,
    clock: createSystemClock(1000),
    log: pino({ level: "trace" }, { write: (line) => void logged.push(line) }),
    onAnswer,
  });
}

const CALLS: readonly (readonly [
  name: string,
  call: (client: AppleClient, access: AppleAccess) => Promise<unknown>,
])[] = [
  ["clientConfig", (apple, by) => apple.clientConfig(by)],
  ["claim", (apple, by) => apple.claim(by, MDM_INFO)],
  [
    "subscribe",
    (apple, by) =>
      apple.subscribe(by, {
        mdmInfo: MDM_INFO,
        notificationUrl: "https://allotment.example.com/apple",
        notificationAuthToken: "secret",
        notificationTypes: ["ASSET_COUNT"],
      }),
  ],
  ["assets", (apple, by) => apple.assets(by, {})],
  ["assignments", (apple, by) => apple.assignments(by, {})],
  ["users", (apple, by) => apple.users(by, {})],
  ["status", (apple, by) => apple.status(by, "event-1")],
  ["associate", (apple, by) => apple.associate(by, ORDER)],
  ["disassociate", (apple, by) => apple.disassociate(by, ORDER)],
  ["createUsers", (apple, by) => apple.createUsers(by, [{ clientUserId: "u" }])],
  ["retireUsers", (apple, by) => apple.retireUsers(by, ["u"])],
];

describe("the location behind an answer", () => {
  it.each(CALLS)("is told of %s, once", async (_, call) => {
    await call(client, access);
    expect(told).toEqual([SEEN]);
  });

  it("is told with the access that asked, before the answer is handed on", async () => {
    const order: string[] = [];
    const slow = clientThatTells(async (by) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(by.tokenId);
    });
    await slow.assets(access, {});
    order.push("answer");
    expect(order).toEqual([access.tokenId, "answer"]);
    await slow.close();
  });

  it("is not told of a refusal, nor of an answer that cannot be used", async () => {
    server.answer("/refused", { body: { ...COMMON, errorNumber: 9721 } });
    const urls = { getAssets: `${server.origin}/refused`, getUsers: `${server.origin}/unusable` };
    const limits = { maxAssets: 1, maxClientUserIds: 1, maxSerialNumbers: 1, maxUsers: 1 };
    server.answer("/other/service/config", { body: { urls, limits } });
    server.answer("/unusable", { body: { ...COMMON, totalPages: 1 } });
    const other = createAppleClient({
      baseUrl: `${server.origin}/other`,
      dataSource: database.dataSource,
      clock: createSystemClock(1000),
      log: pino({ level: "silent" }),
      onAnswer: async (_, seen) => void told.push(seen),
    });
    await expect(other.assets(access, {})).rejects.toMatchObject({ errorNumber: 9721 });
    await expect(other.users(access, {})).rejects.toMatchObject({ kind: "permanent" });
    await other.close();
    expect(told).toEqual([]);
  });
});

describe("an error over what was told", () => {
  it("ends a read, which is not repeated for it", async () => {
    let calls = 0;
    const failing = clientThatTells(() => {
      calls += 1;
      return Promise.reject(new Error("no database"));
    });
    await expect(failing.assets(access, {})).rejects.toThrow("no database");
    expect(calls).toBe(1);
    await failing.close();
  });

  it("does not lose a write's answer, and is logged", async () => {
    const failing = clientThatTells(() => Promise.reject(new Error("no database")));
    expect(await failing.associate(access, ORDER)).toEqual({ eventId: "event-1" });
    expect(logged.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 50, tokenId: access.tokenId }]);
    await failing.close();
  });
});

describe("what an answer says of its location", () => {
  const nobody = { mdmInfo: null, told: true };
  const nothing = { mdmInfo: null, told: false };

  it.each([
    ["no mdmInfo", {}, nothing],
    ["an explicit null", { mdmInfo: null }, nobody],
    ["an object without an id", { mdmInfo: { name: "x" } }, nobody],
    ["an empty id", { mdmInfo: { id: "", name: "x" } }, nobody],
    ["a text", { mdmInfo: "us" }, nothing],
    ["a list", { mdmInfo: [MDM_INFO] }, nothing],
    ["an id alone", { mdmInfo: { id: "us" } }, { mdmInfo: { id: "us", name: "", metadata: "" }, told: true }],
    [
      "numbers",
      { mdmInfo: { id: 7, name: 8, metadata: 9, more: {} } },
      { mdmInfo: { id: "7", name: "8", metadata: "9" }, told: true },
    ],
    ["all of it", { mdmInfo: MDM_INFO }, { mdmInfo: MDM_INFO, told: true }],
  ])("with %s is read", (_, body, expected) => {
    expect(answeredLocation(body)).toEqual({ locationId: null, expiresAt: null, ...expected });
  });

  it.each([
    ["2000000000000001", "2000000000000001"],
    [2000000000000001, "2000000000000001"],
    [2 ** 60, null],
    [1.5, null],
    ["", null],
    [null, null],
    [{}, null],
  ])("has the id %j as %j", (uId, locationId) => {
    expect(answeredLocation({ uId })).toMatchObject({ locationId });
  });

  it.each(["soon", 1, null, {}])("has no expiry in %j", (tokenExpirationDate) => {
    expect(answeredLocation({ tokenExpirationDate })).toMatchObject({ expiresAt: null });
  });
});

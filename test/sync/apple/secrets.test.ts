import { inspect } from "node:util";
import { type Logger, pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type AppleClient, createAppleClient } from "../../../src/sync/apple/apple-client.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { LIMITS, type SmallServer, startSmallServer } from "./small-server.js";

const TOKEN = "VGhlIHRva2VuIG9mIHRoaXMgdGVzdA==";
const NOTIFICATION_SECRET = "the-secret-of-notifications";
const access = { tokenId: "2f0c0f3e-0000-4000-8000-000000000003", text: TOKEN };
const ORDER = { assets: [{ adamId: "1", pricingParam: "STDQ" }], clientUserIds: [], serialNumbers: ["S"] };
const CONFIG = {
  uId: "1",
  notificationUrl: "https://allotment.example.com/a",
  notificationAuthToken: NOTIFICATION_SECRET,
};

let server: SmallServer;
let database: TestDatabase;
let client: AppleClient;
let log: Logger;
let lines: string[];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  lines = [];
  // pino's own serializer, which tells everything an error has.
  const serializers = { error: pino.stdSerializers.errWithCause };
  log = pino({ level: "trace", serializers }, { write: (line) => void lines.push(line) });
  server = await startSmallServer();
  client = newClient(1_000_000);
});
afterEach(async () => {
  await client.close();
  await server.close();
});

function newClient(timeScale: number, baseUrl = server.baseUrl): AppleClient {
  return createAppleClient({
    baseUrl,
    dataSource: database.dataSource,
    clock: createSystemClock(timeScale),
    log,
    timeouts: { connect: 300, headers: 300, body: 300 },
    onAnswer: () => Promise.reject(new Error("no database")),
  });
}

/** Everything that anybody can see of what went wrong, hidden and inherited properties included. */
async function allThatIsTold(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => Promise.reject(new Error("This was to fail.")),
    (refusal: unknown) => refusal,
  );
  log.error({ error }, String(error));
  return inspect(error, { depth: 10, showHidden: true, getters: true }) + lines.join("");
}

function expectNoSecret(text: string): void {
  expect(text).not.toContain(TOKEN);
  expect(text).not.toContain(NOTIFICATION_SECRET);
}

const ECHO = `${TOKEN} ${NOTIFICATION_SECRET}`;

it.each([
  ["a refusal", { status: 400, body: { errorNumber: 9602, errorMessage: ECHO, errorInfo: { clientUserIds: [ECHO] } } }],
  ["a refusal inside a 200", { body: { errorNumber: 9722, errorMessage: ECHO } }],
  ["an unknown number's text", { status: 400, body: { errorNumber: 9999, errorMessage: ECHO } }],
  ["a page of a gateway", { status: 502, body: `<html>${ECHO}</html>` }],
  ["a body that is no JSON", { body: ECHO }],
  ["an address to go to", { status: 302, body: "", headers: { location: `https://example.com/?token=${TOKEN}` } }],
  ["Retry-After", { status: 503, body: "", headers: { "retry-after": ECHO } }],
  ["an encoding", { body: "x", headers: { "content-encoding": TOKEN } }],
  ["every field", { body: { totalPages: ECHO, versionId: ECHO, assets: ECHO, eventId: [ECHO], uId: ECHO } }],
  ["names of fields", { body: { [ECHO]: 1, totalPages: 1, versionId: "v", assets: [{ [ECHO]: ECHO }] } }],
  ["a row", { body: { totalPages: 1, versionId: "v", assets: [{ adamId: "1", totalCount: ECHO, revocable: ECHO }] } }],
])("neither log nor error tells a token that Apple echoes in %s", async (_, reply) => {
  server.answer("/mdm/v2/assets", reply);
  server.answer("/mdm/v2/assets/associate", reply);
  expectNoSecret(await allThatIsTold(client.assets(access, {})));
  expectNoSecret(await allThatIsTold(client.associate(access, ORDER)));
});

it("neither log nor error tells the notification secret of a client/config that cannot be used", async () => {
  server.answer("/mdm/v2/client/config", { body: { ...CONFIG, uId: null, mdmInfo: NOTIFICATION_SECRET } });
  expectNoSecret(await allThatIsTold(client.clientConfig(access)));
});

it("a logged or copied client/config has no secret, though it can be asked for", async () => {
  server.answer("/mdm/v2/client/config", { body: { ...CONFIG, subscribedNotificationTypes: ["ASSET_COUNT", "NEW"] } });
  const config = await client.claim(access, { id: "us", name: "Allotment", metadata: "{}" });
  expect(config).toMatchObject({ notificationUrl: CONFIG.notificationUrl, notificationTypes: ["ASSET_COUNT", "NEW"] });
  expect(config.notificationSecret).toBe(NOTIFICATION_SECRET);
  log.info({ config, copy: { ...config } }, "seen");
  expect(lines.join("")).toContain(CONFIG.notificationUrl);
  expectNoSecret(`${lines.join("")}${inspect(config)}`);
});

it.each([
  ["a token that no header carries", { ...access, text: `${TOKEN}\n\u0000` }],
  ["a token that is no text of a header", { ...access, text: `${TOKEN}é大` }],
])("the HTTP client's complaint about %s does not tell it", async (_, odd) => {
  expectNoSecret(await allThatIsTold(client.assets(odd, {})));
});

it("faults of the network do not tell the token", async () => {
  await client.serviceConfig();
  server.answer("/mdm/v2/assets", () => {
    server.seen.at(-1)?.socket.destroy();
    return { body: "" };
  });
  expectNoSecret(await allThatIsTold(client.assets(access, {})));
  await server.close();
  expectNoSecret(await allThatIsTold(client.associate(access, ORDER)));
  server = await startSmallServer();
});

it("a refused certificate does not tell the token", async () => {
  const encrypted = await startSmallServer({ tls: true });
  const urls = { contentMetadataLookup: `${encrypted.origin}/lookup` };
  server.answer("/mdm/v2/service/config", { body: { urls, limits: LIMITS } });
  const place = { country: "US", platform: "enterprisestore" };
  expectNoSecret(await allThatIsTold(client.metadata(access, ["1"], place)));
  const other = newClient(1000, encrypted.baseUrl);
  expectNoSecret(await allThatIsTold(other.clientConfig(access)));
  await Promise.all([encrypted.close(), other.close()]);
});

it("a service configuration that can no longer be read is logged without what it says", async () => {
  await client.serviceConfig();
  server.answer("/mdm/v2/service/config", { body: { urls: { [ECHO]: ECHO }, limits: { maxUsers: ECHO } } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await client.serviceConfig();
  expect(lines.join("")).toContain("limits.maxAssets");
  expectNoSecret(lines.join(""));
});

it("the store's lookup elsewhere than at Apple or at the configured server is not shown the token", async () => {
  const elsewhere = await startSmallServer();
  elsewhere.answer("/lookup", { body: { results: {} } });
  const urls = { contentMetadataLookup: `${elsewhere.origin}/lookup` };
  server.answer("/mdm/v2/service/config", { body: { urls, limits: LIMITS } });
  await client.metadata(access, ["1"], { country: "US", platform: "enterprisestore" });
  expect(elsewhere.seen).toHaveLength(1);
  expectNoSecret(inspect([elsewhere.seen[0]?.rawHeaders, elsewhere.seen[0]?.url]));
  await elsewhere.close();
});

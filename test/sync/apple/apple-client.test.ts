import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AppleSimulator, startAppleSimulator } from "../../../simulators/apple/start-apple-simulator.js";
import { type AppleAccess, type AppleClient, createAppleClient } from "../../../src/sync/apple/apple-client.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";

let database: TestDatabase;
let apple: AppleSimulator;
let client: AppleClient;
let access: AppleAccess;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  apple = await startAppleSimulator({ apps: 12, licenses: 100, users: 5, assigned: 40 });
  access = { tokenId: crypto.randomUUID(), text: apple.tokenFile };
  client = newClient();
});
afterEach(async () => {
  await client.close();
  await apple.stop();
});

function newClient(timeScale = 200): AppleClient {
  return createAppleClient({
    baseUrl: apple.baseUrl,
    dataSource: database.dataSource,
    clock: createSystemClock(timeScale),
    log: pino({ level: "silent" }),
    timeouts: { connect: 1000, headers: 500, body: 500 },
  });
}

async function control(path: string, input: object): Promise<void> {
  const answer = await fetch(`${apple.controlUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

const sent = (path: string) => apple.world.requests.entries.filter((entry) => entry.path.startsWith(`/mdm/v2${path}`));
const order = () => {
  const asset = [...(apple.world.locations[0]?.assets.rows ?? [])][0];
  return {
    assets: [{ adamId: asset?.item.adamId ?? "", pricingParam: "STDQ" }],
    clientUserIds: [],
    serialNumbers: ["NEWDEVICE"],
  };
};

describe("a read", () => {
  it("tells the location", async () => {
    expect(await client.clientConfig(access)).toMatchObject({
      uId: apple.world.locations[0]?.identity.uId,
      countryISO2ACode: "US",
      defaultPlatform: "enterprisestore",
      platform: "BUSINESS",
      mdmInfo: null,
      tokenExpirationDate: expect.any(Date),
    });
  });

  it("lives without the expiry date that Apple may leave out", async () => {
    await control("/switches", { tokenExpirationDate: "within15Days" });
    expect(await client.clientConfig(access)).toMatchObject({ tokenExpirationDate: null });
  });

  it("tells where a page stands in its list", async () => {
    await control("/switches", { pageSize: 15 });
    const before = new Date();
    const page = await client.assignments(access, { pageIndex: 1 });
    expect(page).toMatchObject({ pageIndex: 1, nextPageIndex: 2, totalPages: 3, skipped: 0 });
    expect(page.assignments).toHaveLength(15);
    expect(page.requestedAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(await client.assignments(access, { pageIndex: 2 })).toMatchObject({ nextPageIndex: null });
  });

  it("gives items without a bound Apple's largest count", async () => {
    const { assets } = await client.assets(access, {});
    expect(assets.filter((asset) => asset.totalCount === 2147483647)).toHaveLength(1);
  });

  it.each(["status", "body"])("knows Apple's number in the %s of an answer", async (errorTransport) => {
    await control("/switches", { errorTransport });
    await expect(client.assets(access, { pageIndex: 99 })).rejects.toMatchObject({
      name: "AppleError",
      errorNumber: 9650,
      kind: "permanent",
      maybeDone: false,
    });
  });

  it.each([
    ["an HTTP status", { status: 503 }],
    ["Apple's number", { errorNumber: 9603 }],
    ["a lost connection", { drop: true }],
    ["too many requests", { errorNumber: 9646 }],
  ])("is repeated after %s", async (_, failure) => {
    await control("/fail-next", { path: "/assets", count: 2, ...failure });
    expect((await client.assets(access, {})).assets).toHaveLength(12);
    expect(sent("/assets")).toHaveLength(3);
  });

  it("gives up after five attempts", async () => {
    await control("/fail-next", { path: "/assets", count: 100, status: 500 });
    await expect(client.assets(access, {})).rejects.toMatchObject({ kind: "retryable", httpStatus: 500 });
    expect(sent("/assets")).toHaveLength(5);
  });

  it("is not repeated after a final no", async () => {
    await control("/revoke-token", {});
    await expect(client.assets(access, {})).rejects.toMatchObject({ kind: "token", errorNumber: 9625 });
    expect(sent("/assets")).toHaveLength(1);
  });

  it("does not wait longer than half a minute for Apple: the caller is told how long", async () => {
    await control("/fail-next", { path: "/assets", count: 1, status: 503, retryAfter: 90 });
    await expect(client.assets(access, {})).rejects.toMatchObject({ kind: "retryable", retryAfterMs: 90_000 });
    expect(sent("/assets")).toHaveLength(1);
  });

  it("ends with its signal", async () => {
    await control("/hold", { path: "/assets" });
    await expect(client.assets(access, {}, AbortSignal.timeout(100))).rejects.toMatchObject({ kind: "retryable" });
  });

  it("finds an event that Apple has forgotten missing", async () => {
    await expect(client.status(access, "unknown")).rejects.toMatchObject({ errorNumber: 9708, kind: "permanent" });
  });
});

describe("a write", () => {
  it("becomes an event whose end can be followed", async () => {
    const { eventId } = await client.associate(access, order());
    expect(await client.status(access, eventId)).toMatchObject({ eventStatus: "PENDING", failures: [] });
  });

  it("leaves out the list of holders that is empty", async () => {
    await client.associate(access, order());
    expect(sent("/assets/associate")[0]?.body).toEqual({ assets: order().assets, serialNumbers: ["NEWDEVICE"] });
  });

  it("is never repeated, and may have been done when its answer was lost", async () => {
    await control("/fail-next", { path: "/assets/associate", afterEffect: true });
    await expect(client.associate(access, order())).rejects.toMatchObject({ kind: "retryable", maybeDone: true });
    expect(sent("/assets/associate")).toHaveLength(1);
  });

  it("may have been done when no answer came in time", async () => {
    await control("/hold", { path: "/assets/associate" });
    await expect(client.associate(access, order())).rejects.toMatchObject({ kind: "retryable", maybeDone: true });
  });

  it.each([
    ["Apple refuses for now", { errorNumber: 9729 }, "retryable", false],
    ["Apple is asked too often", { errorNumber: 9646 }, "retryable", false],
    ["Apple refuses for good", { errorNumber: 9707 }, "permanent", false],
    ["a gateway fails", { status: 502 }, "retryable", true],
    ["Apple fails inside", { errorNumber: 9603 }, "retryable", true],
  ])("says whether it may have been done when %s", async (_, failure, kind, maybeDone) => {
    await control("/fail-next", { path: "/assets/associate", ...failure });
    await expect(client.associate(access, order())).rejects.toMatchObject({ kind, maybeDone });
  });

  it("surely was not done when nobody listens", async () => {
    await client.serviceConfig();
    await apple.stop();
    await expect(client.associate(access, order())).rejects.toMatchObject({ kind: "retryable", maybeDone: false });
  });

  it("registers and retires users", async () => {
    await control("/switches", { eventDelayMs: 0 });
    const { eventId } = await client.createUsers(access, [{ clientUserId: "new-user", email: "new@example.com" }]);
    await expect.poll(async () => (await client.status(access, eventId)).eventStatus).toBe("COMPLETE");
    const { users } = await client.users(access, { clientUserId: "new-user", activeOnly: true });
    expect(users).toMatchObject([{ clientUserId: "new-user", status: "REGISTERED", email: "new@example.com" }]);
    expect(users[0]?.invitationUrl).toContain(users[0]?.inviteCode ?? "nothing");
    await client.retireUsers(access, ["new-user"]);
    await expect
      .poll(async () => (await client.users(access, { clientUserId: "new-user", activeOnly: true })).users)
      .toEqual([]);
  });

  it("tells who failed and why", async () => {
    await control("/switches", { eventDelayMs: 0 });
    const { eventId } = await client.associate(access, { ...order(), clientUserIds: ["nobody"] });
    await expect.poll(async () => (await client.status(access, eventId)).eventStatus).toBe("FAILED");
    expect((await client.status(access, eventId)).failures).toMatchObject([
      { errorNumber: 9609, clientUserIds: ["nobody"], serialNumbers: [] },
    ]);
  });

  it("claims the location", async () => {
    const mdmInfo = { id: "us", name: "Allotment", metadata: '{"epoch":1}' };
    expect(await client.claim(access, mdmInfo)).toMatchObject({ mdmInfo });
  });
});

describe("the configuration of the service", () => {
  it("is read once for many calls", async () => {
    await Promise.all([client.assets(access, {}), client.users(access, {}), client.clientConfig(access)]);
    expect(sent("/service/config")).toHaveLength(1);
  });

  it("goes on serving while Apple is away", async () => {
    await client.close();
    client = newClient(1_000_000);
    const { limits } = await client.serviceConfig();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await control("/fail-next", { path: "/service/config", count: 5, status: 503 });
    expect((await client.serviceConfig()).limits).toEqual(limits);
    expect(sent("/service/config").length).toBeGreaterThan(1);
  });
});

describe("the budget of requests", () => {
  it("lets a load above Apple's limit through, a little later", async () => {
    await control("/switches", { enforceRate: true });
    await client.close();
    client = newClient(1);
    const reads = Array.from({ length: 20 }, (_, at) => client.assets(access, { adamId: String(at + 1) }));
    expect(await Promise.all(reads)).toHaveLength(20);
  });
});

describe("the store's metadata", () => {
  it("has names, icons and genres, and nothing for what the store does not know", async () => {
    const item = [...(apple.world.locations[0]?.assets.rows ?? [])][0]?.item;
    const adamId = item?.adamId ?? "";
    const found = await client.metadata(access, [adamId, "1"], { country: "US", platform: "enterprisestore" });
    expect([...found.keys()]).toEqual([adamId]);
    expect(found.get(adamId)).toEqual({
      name: item?.name,
      bundleId: item?.bundleId ?? null,
      iconUrl: `https://artwork.example.com/${adamId}/256x256bb.png`,
      developer: item?.artistName,
      genres: [item?.genre],
    });
  });
});

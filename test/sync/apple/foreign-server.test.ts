import { describe, expect, it } from "vitest";
import { access, asset, foreignApple, page } from "./foreign-apple.js";
import { LIMITS } from "./small-server.js";

/** What an Apple that our simulator is not may answer. */
const apple = foreignApple();

it("passes over fields and values that it does not know", async () => {
  const odd = { ...asset, adamId: 7, productType: "Hologram", novelty: { deep: true } };
  apple.server.answer("/mdm/v2/assets", { body: { ...page, assets: [odd, { ...asset, pricingParam: "NEWQ" }] } });
  const { assets, skipped } = await apple.client.assets(access, {});
  expect(assets).toMatchObject([{ adamId: "7", productType: "APP", platforms: [] }]);
  expect(skipped).toBe(1);
});

it("takes unlimited items that come in a list of their own, without counts", async () => {
  const { totalCount, availableCount, retiredCount, ...unlimited } = asset;
  apple.server.answer("/mdm/v2/assets", { body: { ...page, assets: [], unlimitedAssets: [unlimited] } });
  const { assets } = await apple.client.assets(access, {});
  expect(assets).toMatchObject([{ totalCount: 2147483647, availableCount: 2147483647, retiredCount: 0 }]);
  expect([totalCount, availableCount, retiredCount]).toEqual([5, 4, 0]);
});

it.each([
  ["a count is missing", { ...asset, assignedCount: undefined }, "assets.0.assignedCount"],
  ["a count is null", { ...asset, totalCount: null }, "assets.0.totalCount"],
  ["a count is a word", { ...asset, assignedCount: "many" }, "assets.0.assignedCount"],
  ["a flag is a text", { ...asset, revocable: "yes" }, "assets.0.revocable"],
])("refuses a page whole when %s, and names the field", async (_, row, field) => {
  apple.server.answer("/mdm/v2/assets", { body: { ...page, assets: [row] } });
  await expect(apple.client.assets(access, {})).rejects.toMatchObject({
    kind: "permanent",
    message: expect.stringContaining(field),
  });
});

it("refuses a holding of nobody", async () => {
  apple.server.answer("/mdm/v2/assignments", { body: { ...page, assignments: [{ adamId: "1" }] } });
  await expect(apple.client.assignments(access, {})).rejects.toMatchObject({ kind: "permanent" });
});

it("takes the standard quality where a holding names none", async () => {
  apple.server.answer("/mdm/v2/assignments", { body: { ...page, assignments: [{ adamId: "1", serialNumber: "S" }] } });
  expect((await apple.client.assignments(access, {})).assignments).toEqual([
    { adamId: "1", pricingParam: "STDQ", serialNumber: "S", clientUserId: null },
  ]);
});

it("does not believe a page that is not Apple's", async () => {
  apple.server.answer("/mdm/v2/assets", { body: "<html>Please sign in to the network</html>" });
  await expect(apple.client.assets(access, {})).rejects.toMatchObject({ kind: "retryable" });
});

it("takes a write whose answer has no event as perhaps done", async () => {
  apple.server.answer("/mdm/v2/assets/associate", { body: { uId: "1" } });
  const order = { assets: [{ adamId: "1", pricingParam: "STDQ" }], clientUserIds: ["u"], serialNumbers: [] };
  await expect(apple.client.associate(access, order)).rejects.toMatchObject({ maybeDone: true });
});

it("takes a refusal without a number by its status", async () => {
  apple.server.answer("/mdm/v2/client/config", { status: 401, body: "" });
  await expect(apple.client.clientConfig(access)).rejects.toMatchObject({ kind: "token", httpStatus: 401 });
});

it("understands a Retry-After that is a date", async () => {
  const at = new Date(Date.now() + 3_600_000).toUTCString();
  apple.server.answer("/mdm/v2/assets", { status: 503, body: "", headers: { "retry-after": at } });
  const error: unknown = await apple.client
    .assets({ ...access, tokenId: "dated" }, {})
    .catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ kind: "retryable", retryAfterMs: expect.any(Number) });
});

it("follows no redirect", async () => {
  apple.server.answer("/mdm/v2/assets", {
    status: 302,
    body: "",
    headers: { location: `${apple.server.origin}/elsewhere` },
  });
  await expect(apple.client.assets(access, {})).rejects.toMatchObject({ httpStatus: 302 });
  expect(apple.server.seen.map(({ url }) => url)).not.toContain("/elsewhere");
});

it("sends the token only to the configured server, whatever addresses it is given", async () => {
  const urls = { getAssets: "https://example.com/assets", contentMetadataLookup: "http://localhost:1/lookup" };
  apple.server.answer("/mdm/v2/service/config", { body: { urls, limits: LIMITS } });
  apple.server.answer("/mdm/v2/assets", { body: { ...page, assets: [asset] } });
  expect((await apple.client.assets(access, {})).assets).toHaveLength(1);
  expect(apple.server.seen.at(-1)?.headers.authorization).toBe(`Bearer ${access.text}`);
});

it("goes where the configuration says at the same server", async () => {
  apple.server.answer("/mdm/v2/service/config", {
    body: { urls: { getAssets: `${apple.server.origin}/moved` }, limits: LIMITS },
  });
  apple.server.answer("/moved", { body: { ...page, assets: [asset] } });
  expect((await apple.client.assets(access, {})).assets).toHaveLength(1);
});

it("names the limit that the configuration lacks", async () => {
  apple.server.answer("/mdm/v2/service/config", { body: { urls: {}, limits: { ...LIMITS, maxUsers: undefined } } });
  await expect(apple.client.serviceConfig()).rejects.toMatchObject({
    message: expect.stringContaining("limits.maxUsers"),
  });
});

describe("a user", () => {
  it("of a state this release does not know is left out", async () => {
    const users = [
      { clientUserId: 5, status: "registered", inviteCode: null },
      { clientUserId: "u", status: "Frozen" },
    ];
    apple.server.answer("/mdm/v2/users", { body: { ...page, users } });
    expect(await apple.client.users(access, {})).toMatchObject({
      users: [{ clientUserId: "5", status: "REGISTERED", email: null, inviteCode: null, invitationUrl: null }],
      skipped: 1,
    });
  });
});

describe("a location", () => {
  it("is known by its id alone", async () => {
    apple.server.answer("/mdm/v2/client/config", { body: { uId: 2000000000000001 } });
    expect(await apple.client.clientConfig(access)).toEqual({
      uId: "2000000000000001",
      locationName: null,
      countryISO2ACode: null,
      defaultPlatform: null,
      websiteURL: null,
      platform: "BUSINESS",
      mdmInfo: null,
      tokenExpirationDate: null,
      notificationUrl: null,
      notificationTypes: [],
    });
  });

  it.each([
    ["nobody", null, null],
    ["nobody", {}, null],
    ["nobody", { id: null, name: "x" }, null],
    ["us", { id: "us" }, { id: "us", name: "", metadata: "" }],
    ["us", { metadata: 1, name: null, id: 3, since: 4 }, { id: "3", name: "", metadata: "1" }],
  ])("is held by %s with the mdmInfo %j", async (_, mdmInfo, expected) => {
    apple.server.answer("/mdm/v2/client/config", { body: { uId: "1", mdmInfo } });
    expect((await apple.client.clientConfig(access)).mdmInfo).toEqual(expected);
  });

  it("is not taken for free where its mdmInfo cannot be read", async () => {
    apple.server.answer("/mdm/v2/client/config", { body: { uId: "1", mdmInfo: "another MDM" } });
    await expect(apple.client.clientConfig(access)).rejects.toMatchObject({
      message: expect.stringContaining("mdmInfo"),
    });
  });

  it.each([
    ["2031-02-03T04:05:06+0000", "2031-02-03T04:05:06.000Z"],
    ["2031-02-03T04:05:06-0700", "2031-02-03T11:05:06.000Z"],
  ])("expires at %s, an offset without a colon", async (tokenExpirationDate, iso) => {
    apple.server.answer("/mdm/v2/client/config", { body: { uId: "1", tokenExpirationDate } });
    expect((await apple.client.clientConfig(access)).tokenExpirationDate?.toISOString()).toBe(iso);
  });
});

describe("an event", () => {
  it("in a state this release does not know has not ended", async () => {
    apple.server.answer("/mdm/v2/status", { body: { eventStatus: "PAUSED", eventType: "NEW" } });
    expect(await apple.client.status(access, "e")).toMatchObject({ eventStatus: "PENDING" });
  });

  it("tells its failures in whatever way they are written", async () => {
    const failures = [
      { errorNumber: "9709", errorMessage: null, errorInfo: null },
      {
        errorNumber: 9609,
        errorInfo: { clientUserIds: [5, "u"], serialNumbers: null, assets: [{ adamId: 1 }], more: 1 },
      },
    ];
    apple.server.answer("/mdm/v2/status", {
      body: { failures, numCompleted: "2", numRequested: null, eventStatus: "FAILED" },
    });
    expect(await apple.client.status(access, "e")).toEqual({
      eventStatus: "FAILED",
      numRequested: 0,
      numCompleted: 2,
      failures: [
        { errorNumber: 9709, clientUserIds: [], serialNumbers: [], assets: [] },
        {
          errorNumber: 9609,
          clientUserIds: ["5", "u"],
          serialNumbers: [],
          assets: [{ adamId: "1", pricingParam: "STDQ" }],
        },
      ],
    });
  });
});

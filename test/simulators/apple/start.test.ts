import { expect, test } from "vitest";
import { send, startCaller } from "./apple-caller.js";

test("the totals of the finite assets add up to exactly the licences asked for", async () => {
  const { get } = await startCaller({ apps: 50, licenses: 4999, seed: 7 });
  const assets = (await get("/assets?unlimited=false")).body.assets ?? [];
  expect(assets).toHaveLength(49);
  expect(assets.reduce((sum, asset) => sum + Number(asset.totalCount), 0)).toBe(4999);
});

test("from ten apps on the last four are a book, a user-only app, an irrevocable app and an unlimited one", async () => {
  const { get } = await startCaller({ apps: 10, licenses: 100 });
  const assets = (await get("/assets")).body.assets ?? [];
  const shown = assets.map((asset) => [asset.productType, asset.deviceAssignable, asset.revocable]);
  expect(shown.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => ["App", true, true]));
  expect(shown.slice(6)).toEqual([
    ["Book", false, false],
    ["App", false, true],
    ["App", true, false],
    ["App", true, true],
  ]);
  expect(assets[9]?.totalCount).toBe(2147483647);
});

test("below ten apps all are plain apps for iOS devices", async () => {
  const { get } = await startCaller({ apps: 9, licenses: 90 });
  const assets = (await get("/assets")).body.assets ?? [];
  expect(assets).toHaveLength(9);
  for (const asset of assets) {
    expect(asset).toMatchObject({ productType: "App", deviceAssignable: true, revocable: true, pricingParam: "STDQ" });
    expect(asset.supportedPlatforms).toContain("iOS");
  }
});

test("the same seed gives the same data, version ids and token, another seed others", async () => {
  const options = { apps: 5, licenses: 70, users: 4, assigned: 20 };
  const [first, again, other] = await Promise.all([
    startCaller({ ...options, seed: 11 }),
    startCaller({ ...options, seed: 11 }),
    startCaller({ ...options, seed: 12 }),
  ]);
  const read = async ({ get }: typeof first) =>
    JSON.stringify(
      await Promise.all(["/assets", "/users", "/assignments"].map(async (path) => (await get(path)).body)),
    );
  expect(await read(again)).toBe(await read(first));
  expect(await read(other)).not.toBe(await read(first));
  expect(again.simulator.tokenFile).toBe(first.simulator.tokenFile);
  expect(other.simulator.tokenFile).not.toBe(first.simulator.tokenFile);
});

test("what is assigned from the start goes to devices and users and is counted", async () => {
  const { get } = await startCaller({ apps: 3, licenses: 300, users: 5, assigned: 120 });
  const rows = (await get("/assignments")).body.assignments ?? [];
  const assets = (await get("/assets")).body.assets ?? [];
  expect(rows).toHaveLength(120);
  expect(rows.some((row) => "clientUserId" in row)).toBe(true);
  expect(rows.some((row) => "serialNumber" in row)).toBe(true);
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(120);
  expect(assets.reduce((sum, asset) => sum + Number(asset.assignedCount), 0)).toBe(120);
});

test("the token file is base64 of JSON with the three documented fields", async () => {
  const { simulator } = await startCaller({ tokenExpiresAt: new Date("2031-02-03T04:05:06Z") });
  const content = JSON.parse(Buffer.from(simulator.tokenFile, "base64").toString("utf8"));
  expect(Object.keys(content).sort()).toEqual(["expDate", "orgName", "token"]);
  expect(content.expDate).toBe("2031-02-03T04:05:06+0000");
  expect(content.token).toHaveLength(88);
});

test("service/config needs no token and names addresses of this server, limits, types and error codes", async () => {
  const { simulator, get } = await startCaller();
  const { status, body } = await send(`${simulator.baseUrl}/service/config`, {});
  const config = body as unknown as {
    urls: Record<string, string>;
    limits: Record<string, number>;
    notificationTypes: string[];
    errorCodes: { errorNumber: number; errorMessage: string }[];
  };
  expect(status).toBe(200);
  expect(config.urls.getAssets).toBe(`${simulator.baseUrl}/assets`);
  expect(config.urls.invitationEmail).toContain("%25inviteCode%25");
  expect(config.limits).toMatchObject({
    maxAssets: 25,
    maxClientUserIds: 1000,
    maxUsers: 100,
    maxMdmMetadataLength: 255,
  });
  expect(config.notificationTypes).toContain("ASSET_MANAGEMENT");
  expect(config.errorCodes.map((code) => code.errorNumber)).toContain(9709);
  expect((await get(config.urls.clientConfig?.replace(simulator.baseUrl, "") ?? "")).status).toBe(200);
});

test("several locations have data and tokens of their own", async () => {
  const caller = await startCaller({ apps: 3, licenses: 30 });
  const school = caller.simulator.addLocation({ name: "School", platform: "volumestore", apps: 2, licenses: 7 });
  const config = (await caller.get("/client/config", school.token.text)).body;
  expect(config).toMatchObject({
    locationName: "School",
    defaultPlatform: "volumestore",
    websiteURL: "https://school.apple.com",
  });
  expect((await caller.get("/assets", school.token.text)).body.assets).toHaveLength(2);
  expect((await caller.get("/assets")).body.assets).toHaveLength(3);
  expect(config.uId).not.toBe((await caller.get("/client/config")).body.uId);
});

test("a stock that cannot be assigned is refused and leaves no location behind", async () => {
  const { simulator } = await startCaller();
  expect(() => simulator.addLocation({ apps: 2, licenses: 5, assigned: 6 })).toThrow(/At most 5/);
  expect(simulator.world.locations).toHaveLength(1);
});

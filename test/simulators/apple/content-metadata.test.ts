import { expect, test } from "vitest";
import { type AppleCaller, send, startCaller } from "./apple-caller.js";

const usual = { version: "2", p: "mdm-lockup", caller: "MDM", platform: "enterprisestore", cc: "us", l: "en" };

async function lookUp({ get }: AppleCaller, query: Record<string, string>) {
  const { urls } = (await get("/service/config")).body as { urls?: { contentMetadataLookup: string } };
  return send(`${urls?.contentMetadataLookup}?${new URLSearchParams(query)}`, {});
}

test("the lookup describes the apps of a location without a token", async () => {
  const caller = await startCaller({ apps: 3, licenses: 30 });
  const id = ((await caller.get("/assets")).body.assets ?? []).map((asset) => String(asset.adamId));
  const { status, body } = await lookUp(caller, { ...usual, id: id.join(",") });
  const results = body.results as Record<string, Record<string, unknown>>;
  expect(status).toBe(200);
  expect(Object.keys(results).sort()).toEqual([...id].sort());
  for (const item of Object.values(results)) {
    expect(item).toMatchObject({
      kind: "iosSoftware",
      bundleId: expect.stringMatching(/^com\.example\.[a-z0-9]+$/),
      artistName: expect.any(String),
      genreNames: [expect.any(String)],
      artwork: { url: expect.stringContaining("{w}x{h}"), width: 1024, height: 1024 },
      deviceFamilies: expect.arrayContaining(["iphone"]),
      isVppDeviceBasedLicensingEnabled: true,
    });
  }
});

test("names and bundle ids of a thousand apps are all different", async () => {
  const caller = await startCaller({ apps: 1000, licenses: 1000 });
  const items = caller.simulator.world.locations[0]?.assets.rows.map((asset) => asset.item) ?? [];
  expect(items).toHaveLength(1000);
  expect(new Set(items.map((item) => item.name)).size).toBe(1000);
  expect(new Set(items.map((item) => item.bundleId)).size).toBe(1000);
});

test("unknown numbers are missing from the results", async () => {
  const caller = await startCaller();
  const { status, body } = await lookUp(caller, { ...usual, id: "1,6440000001,nonsense" });
  expect(status).toBe(200);
  expect(Object.keys(body.results as object)).toEqual(["6440000001"]);
  expect((await lookUp(caller, { ...usual, id: "1" })).body.results).toEqual({});
});

test("a book has no bundle id, no device families and is not for devices", async () => {
  const caller = await startCaller({ apps: 10, licenses: 10 });
  const { body } = await lookUp(caller, { ...usual, id: "6430000001" });
  const book = (body.results as Record<string, Record<string, unknown>>)["6430000001"];
  expect(book).toMatchObject({ kind: "epubBook", isVppDeviceBasedLicensingEnabled: false });
  expect(book).not.toHaveProperty("bundleId");
  expect(book).not.toHaveProperty("deviceFamilies");
});

test("a missing caller is 403, a missing or wrong p is 400", async () => {
  const caller = await startCaller();
  const { caller: _, ...withoutCaller } = usual;
  const { p: __, ...withoutP } = usual;
  expect((await lookUp(caller, { ...withoutCaller, id: "1" })).status).toBe(403);
  expect(await lookUp(caller, { ...withoutP, id: "1" })).toMatchObject({ status: 400, body: { code: 7011 } });
  expect(await lookUp(caller, { ...usual, p: "mdm-lookup", id: "1" })).toMatchObject({
    status: 400,
    body: { code: 7012 },
  });
});

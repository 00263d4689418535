import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { access, asset, foreignApple, page } from "./foreign-apple.js";

/** Lists as an Apple that our simulator is not may answer them. */
const apple = foreignApple();

describe("a count that cannot be", () => {
  const LARGEST = 500_000_000;

  it.each([
    [-1, -1],
    [-5_000_000_000, -LARGEST],
    [5_000_000_000, LARGEST],
    [1e30, LARGEST],
    [2.5, 2],
    ["12", 12],
    ["-3", -3],
    [2147483646, LARGEST],
    [-2147483648, -LARGEST],
  ])("spoils no list: %j is kept as %d, of which the database can add up four", async (count, kept) => {
    const row = { ...asset, totalCount: count, assignedCount: count, availableCount: count, retiredCount: count };
    apple.server.answer("/mdm/v2/assets", { body: { ...page, assets: [row, { ...asset, adamId: "2" }] } });
    const { assets } = await apple.client.assets(access, {});
    expect(assets).toMatchObject([
      { totalCount: kept, assignedCount: kept, availableCount: kept, retiredCount: kept },
      { adamId: "2", totalCount: 5 },
    ]);
  });

  it("may be above the total", async () => {
    apple.server.answer("/mdm/v2/assets", {
      body: { ...page, assets: [{ ...asset, assignedCount: 6, availableCount: -1 }] },
    });
    expect((await apple.client.assets(access, {})).assets).toMatchObject([{ totalCount: 5, assignedCount: 6 }]);
  });
});

describe("a list", () => {
  const assignments = [
    { serialNumber: "S1", clientUserId: null, pricingParam: "STDQ", adamId: 1, extra: [{}], removed: null },
    { clientUserId: 77, adamId: "1", serialNumber: "" },
    { adamId: "2", pricingParam: "PLUS", clientUserId: "u" },
    { adamId: "2", pricingParam: "NEWQ", clientUserId: "u" },
    { adamId: "3", pricingParam: "STDQ", serialNumber: "S2", removed: true },
  ];
  const rows = [
    { adamId: "1", pricingParam: "STDQ", serialNumber: "S1", clientUserId: null },
    { adamId: "1", pricingParam: "STDQ", serialNumber: null, clientUserId: "77" },
    { adamId: "2", pricingParam: "PLUS", serialNumber: null, clientUserId: "u" },
  ];

  it("is read in any spelling of JSON: pretty, in another order, with numbers as texts, nulls and unknown fields", async () => {
    const body = JSON.stringify(
      { assignments, versionId: 12, totalPages: "3", nextPageIndex: "2", novelty: null, errorNumber: null, mdmInfo: 1 },
      null,
      "\t",
    );
    apple.server.answer("/mdm/v2/assignments", { body: `\uFEFF\r\n${body}\n` });
    expect(await apple.client.assignments(access, { pageIndex: 1 })).toMatchObject({
      assignments: rows,
      skipped: 1,
      versionId: "12",
      totalPages: 3,
      nextPageIndex: 2,
      pageIndex: 1,
    });
  });

  it("is read with slashes and letters escaped", async () => {
    const body = `{"assignments":[{"adamId":"1","serialNumber":"A\\/B\\u00e9"}],"totalPages":1,"versionId":"a\\/b"}`;
    apple.server.answer("/mdm/v2/assignments", { body });
    const { assignments: read, versionId } = await apple.client.assignments(access, {});
    expect([read[0]?.serialNumber, versionId]).toEqual(["A/Bé", "a/b"]);
  });

  it("is read compressed, and in pieces that cut letters", async () => {
    const body = Buffer.from(JSON.stringify({ ...page, assignments: [{ adamId: "1", clientUserId: "Größe大" }] }));
    apple.server.answer("/mdm/v2/assignments", { body: gzipSync(body), headers: { "content-encoding": "gzip" } });
    expect((await apple.client.assignments(access, {})).assignments[0]?.clientUserId).toBe("Größe大");
    apple.server.answerInPieces(
      "/mdm/v2/assignments",
      [...body].map((byte) => Buffer.of(byte)),
    );
    expect((await apple.client.assignments(access, {})).assignments[0]?.clientUserId).toBe("Größe大");
  });

  it.each(["assets", "assignments", "users"] as const)(
    "of %s without rows may lack the list when it has no pages",
    async (name) => {
      apple.server.answer(`/mdm/v2/${name}`, { body: { totalPages: 0, versionId: "v" } });
      const empty = { totalPages: 0, nextPageIndex: null, skipped: 0, [name]: [] };
      expect(await apple.client[name](access, {})).toMatchObject(empty);
      apple.server.answer(`/mdm/v2/${name}`, { body: { totalPages: 0, versionId: "v", [name]: null } });
      expect(await apple.client[name](access, {})).toMatchObject(empty);
    },
  );

  it.each(["assets", "assignments", "users"] as const)("of %s that lacks its rows is no empty one", async (name) => {
    for (const body of [page, { ...page, [name]: null }, { ...page, [name]: "none" }, { ...page, [name]: {} }]) {
      apple.server.answer(`/mdm/v2/${name}`, { body });
      await expect(apple.client[name](access, {})).rejects.toMatchObject({
        kind: "permanent",
        message: expect.stringMatching(new RegExp(`: ${name}: `)),
      });
    }
  });

  it("may have an empty page before others", async () => {
    apple.server.answer("/mdm/v2/users", { body: { totalPages: 3, nextPageIndex: 2, versionId: "w", users: [] } });
    expect(await apple.client.users(access, { pageIndex: 1 })).toMatchObject({
      users: [],
      nextPageIndex: 2,
      totalPages: 3,
    });
  });

  it("may end earlier than it said", async () => {
    apple.server.answer("/mdm/v2/users", { status: 400, body: { errorNumber: 9650 } });
    await expect(apple.client.users(access, { pageIndex: 2 })).rejects.toMatchObject({ errorNumber: 9650 });
  });

  it.each(["assets", "assignments", "users"] as const)(
    "of %s must not lead back, or beyond all bounds",
    async (name) => {
      for (const nextPageIndex of [1, 2, 2_000_000]) {
        apple.server.answer(`/mdm/v2/${name}`, { body: { totalPages: 3, nextPageIndex, versionId: "v", [name]: [] } });
        await expect(apple.client[name](access, { pageIndex: 2 })).rejects.toMatchObject({
          kind: "permanent",
          message: expect.stringContaining("nextPageIndex"),
        });
      }
    },
  );

  it("tells each page's version, as it changes", async () => {
    let version = 0;
    apple.server.answer("/mdm/v2/users", () => {
      version += 1;
      return { body: { totalPages: 2, versionId: `v${version}`, users: [] } };
    });
    const versions = [await apple.client.users(access, {}), await apple.client.users(access, { pageIndex: 1 })];
    expect(versions.map(({ versionId }) => versionId)).toEqual(["v1", "v2"]);
  });

  it.each([
    ["adamId", { adamId: "", serialNumber: "S" }],
    ["adamId", { serialNumber: "S" }],
    ["adamId", { adamId: 2 ** 60, serialNumber: "S" }],
    ["removed", { adamId: "1", serialNumber: "S", removed: "yes" }],
    ["needs either", { adamId: "1", serialNumber: "S", clientUserId: "u" }],
    ["needs either", { adamId: "1", serialNumber: "", clientUserId: null }],
    ["serialNumber: must have 500 characters", { adamId: "1", pricingParam: "STDQ", serialNumber: "S".repeat(501) }],
    ["clientUserId: must have 500 characters", { adamId: "1", clientUserId: "u".repeat(501) }],
    ["expected object", "S"],
    ["expected object", null],
  ])("names the row that cannot be, and %s", async (fault, row) => {
    const good = { adamId: "1", pricingParam: "STDQ", serialNumber: "S" };
    apple.server.answer("/mdm/v2/assignments", { body: { ...page, assignments: [good, good, row, row] } });
    const refusal: unknown = await apple.client.assignments(access, {}).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ kind: "permanent", message: expect.stringContaining("assignments.2") });
    expect(refusal).toMatchObject({ message: expect.stringContaining(fault) });
  });

  it.each([
    ["totalPages", { versionId: "v" }],
    ["totalPages", { versionId: "v", totalPages: -1 }],
    ["totalPages", { versionId: "v", totalPages: 1e9 }],
    ["totalPages", { versionId: "v", totalPages: "some" }],
    ["versionId", { totalPages: 1 }],
    ["versionId", { totalPages: 1, versionId: "" }],
    ["nextPageIndex", { versionId: "v", totalPages: 1, nextPageIndex: 0 }],
  ])("names %s when it is missing or absurd", async (field, envelope) => {
    apple.server.answer("/mdm/v2/assignments", { body: { ...envelope, assignments: [] } });
    await expect(apple.client.assignments(access, {})).rejects.toMatchObject({
      kind: "permanent",
      message: expect.stringContaining(field),
    });
  });
});

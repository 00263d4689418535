import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeGlobalId } from "../../../src/entities/global-id.js";
import { addToken, type NewToken, prepareToken } from "../../../src/sync/tokens/add-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;

/** A token file of these fields, in the form in which Apple gives it. */
function tokenFile(fields: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(fields)).toString("base64");
}

const GOOD = { token: "c2VjcmV0", expDate: "2099-01-01T00:00:00+0000", orgName: "Example" };

const input = (file: string, words: Partial<NewToken> = {}): NewToken => ({
  file,
  name: "Main",
  description: null,
  categories: [],
  contacts: [],
  replaceAccount: false,
  ...words,
});

const add = async (file: string) => {
  const prepared = await prepareToken(world.core, input(file));
  return world.core.dataSource.transaction((tx) => addToken(tx, world.core, prepared));
};

/** What must be as before after every refusal. */
const written = () =>
  world.read(
    `SELECT (SELECT count(*)::int FROM token) AS tokens, (SELECT count(*)::int FROM sync_run) AS runs,
            (SELECT count(*)::int FROM graphile_worker.jobs) AS jobs, (SELECT count(*)::int FROM alert) AS alerts`,
  );
const NOTHING = [{ tokens: 0, runs: 0, jobs: 0, alerts: 0 }];

describe("a token file is refused", () => {
  beforeAll(async () => {
    world = await createTokenWorld();
  });
  afterAll(() => world.stop());
  afterEach(async () => {
    await world.control("/switches", { errorTransport: "status" });
    expect(await written()).toEqual(NOTHING);
  });

  it.each([
    ["it is empty", "  \n ", "EMPTY"],
    ["it is not base64", "{not base64}", "NOT_BASE64"],
    ["it is base64 of something else", Buffer.from("hello there").toString("base64"), "NOT_JSON"],
    ["it is JSON of another kind", Buffer.from('["token"]').toString("base64"), "NOT_JSON"],
    ["the token is missing", tokenFile({ ...GOOD, token: undefined }), "FIELDS_MISSING"],
    ["the date is missing", tokenFile({ ...GOOD, expDate: undefined }), "FIELDS_MISSING"],
    ["the organisation is missing", tokenFile({ ...GOOD, orgName: undefined }), "FIELDS_MISSING"],
    ["a field is no text", tokenFile({ ...GOOD, token: 7 }), "FIELDS_MISSING"],
    ["the date is in another spelling", tokenFile({ ...GOOD, expDate: "1 January 2099" }), "BAD_DATE"],
    ["the date is in no calendar", tokenFile({ ...GOOD, expDate: "2099-02-30T00:00:00+0000" }), "BAD_DATE"],
  ])("when %s", async (_, file, problem) => {
    await expect(prepareToken(world.core, input(file))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("Download the content token again"),
      details: { field: "file", problem },
    });
  });

  it("when it has no name", async () => {
    await expect(prepareToken(world.core, input(tokenFile(GOOD), { name: "  " }))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      details: { field: "name" },
    });
  });

  it("when it has expired by its own date", async () => {
    const file = tokenFile({ ...GOOD, expDate: "2001-01-01T00:00:00+0000" });
    await expect(prepareToken(world.core, input(file))).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  it.each(["status", "body"])("when Apple does not know it, said by the %s of the answer", async (errorTransport) => {
    await world.control("/switches", { errorTransport });
    await expect(prepareToken(world.core, input(tokenFile(GOOD)))).rejects.toMatchObject({
      code: "TOKEN_INVALID",
      details: { appleErrorNumber: 9622 },
    });
  });

  it.each([
    ["revoked", 9625, "TOKEN_REVOKED"],
    ["expired", 9621, "TOKEN_EXPIRED"],
    ["read-only", 9637, "TOKEN_READ_ONLY"],
  ])("when Apple says that it is %s", async (_, errorNumber, code) => {
    await world.control("/fail-next", { path: "/client/config", errorNumber });
    await expect(prepareToken(world.core, input(world.apple.tokenFile))).rejects.toMatchObject({ code });
  });

  it("when Apple refuses the request for good", async () => {
    await world.control("/fail-next", { path: "/client/config", status: 418 });
    await expect(prepareToken(world.core, input(world.apple.tokenFile))).rejects.toMatchObject({
      code: "APPLE_REJECTED",
    });
  });

  it("for now when Apple is away, with the time to come again", async () => {
    await world.control("/fail-next", { path: "/client/config", count: 5, status: 503 });
    await expect(prepareToken(world.core, input(world.apple.tokenFile))).rejects.toMatchObject({
      code: "APPLE_UNAVAILABLE",
      details: { retryAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  it("without its text in the error", async () => {
    const file = tokenFile(GOOD);
    const error: unknown = await prepareToken(world.core, input(file)).catch((refusal: unknown) => refusal);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error as object))).not.toContain(file.slice(0, 20));
  });
});

describe("a token file of an education location", () => {
  afterEach(() => world.stop());

  it("is refused", async () => {
    world = await createTokenWorld({ apple: { platform: "volumestore" } });
    await expect(add(world.apple.tokenFile)).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      message: expect.stringContaining("ALLOW_EDUCATION"),
    });
    expect(await written()).toEqual(NOTHING);
  });

  it("is taken when the policy allows it", async () => {
    world = await createTokenWorld({ apple: { platform: "volumestore" }, policy: { allowEducation: true } });
    await add(world.apple.tokenFile);
    expect(await world.read("SELECT platform FROM token")).toEqual([{ platform: "EDUCATION" }]);
  });
});

describe("an accepted token file", () => {
  beforeEach(async () => {
    world = await createTokenWorld({ policy: { tokenLimit: 2 } });
  });
  afterEach(() => world.stop());

  it("becomes an unverified token with its jobs and first run", async () => {
    const { tokenId, syncRunId } = await add(world.apple.tokenFile);
    expect(
      await world.read("SELECT id, name, health_state, health_cause, platform, country, organization FROM token"),
    ).toEqual([
      {
        id: tokenId,
        name: "Main",
        health_state: "UNVERIFIED",
        health_cause: "Just added; Apple is being asked.",
        platform: "BUSINESS",
        country: "US",
        organization: "Example Organization",
      },
    ]);
    expect(await world.read("SELECT id, mode, trigger, state FROM sync_run")).toEqual([
      { id: syncRunId, mode: "FULL", trigger: "ADDED", state: "QUEUED" },
    ]);
    expect(await world.read("SELECT task_identifier AS job FROM graphile_worker.jobs ORDER BY 1")).toEqual([
      { job: "sync-token" },
      { job: "verify-token" },
      { job: "warn-of-expiry" },
    ]);
  });

  it("is stored sealed", async () => {
    await add(world.apple.tokenFile);
    const [token] = await world.read<{ line: string }>("SELECT token::text AS line FROM token");
    expect(token?.line).not.toContain(world.apple.tokenFile.slice(0, 20));
  });

  it("may have line breaks and a byte order mark", async () => {
    const wrapped = `\uFEFF${world.apple.tokenFile.replace(/(.{60})/g, "$1\r\n")}\n`;
    await add(wrapped);
    expect(await world.read("SELECT name FROM token")).toHaveLength(1);
  });

  it("is not taken twice", async () => {
    await add(world.apple.tokenFile);
    await expect(add(world.apple.tokenFile)).rejects.toMatchObject({ code: "CONFLICT", details: { token: "Main" } });
    expect(await world.read("SELECT name FROM token")).toHaveLength(1);
  });

  it("is not taken for a location that is here already: that is a renewal", async () => {
    const { tokenId } = await add(world.apple.tokenFile);
    await world.control("/renew-token", {});
    const newer = world.apple.world.locations[0]?.token.text ?? "";
    await expect(add(newer)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("renewToken"),
      details: { token: "Main", tokenId: encodeGlobalId("Token", tokenId) },
    });
  });

  it("is not taken above the limit", async () => {
    await add(world.apple.tokenFile);
    await add(world.apple.addLocation({}).token.text);
    await expect(add(world.apple.addLocation({}).token.text)).rejects.toMatchObject({ code: "TOKEN_LIMIT_REACHED" });
  });

  it("is taken once when two admins add it at the same moment", async () => {
    const prepared = await prepareToken(world.core, input(world.apple.tokenFile));
    const commit = () => world.core.dataSource.transaction((tx) => addToken(tx, world.core, prepared));
    const results = await Promise.allSettled([commit(), commit()]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await world.read("SELECT name FROM token")).toHaveLength(1);
  });
});

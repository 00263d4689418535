import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { eventually } from "../../support/eventually.js";
import { SampleRows } from "../sample-rows.js";
import { startApi, type TestApi } from "../start-api.js";
import { AUDIENCE, startTestIssuer, type TestIssuer } from "./test-issuer.js";

let database: TestDatabase;
let issuer: TestIssuer;
let api: TestApi;
beforeAll(async () => {
  database = await createTestDatabase();
  await start();
});
afterAll(async () => {
  await stop();
  await database.drop();
});

async function start(): Promise<void> {
  issuer = await startTestIssuer();
  api = await startApi(database, { oidc: settings() });
}

async function stop(): Promise<void> {
  await api.close();
  await issuer.close();
}

const settings = (own: object = {}) => ({
  ...{ issuer: issuer.issuer, audience: [AUDIENCE], jwksUrl: null, roleClaim: "roles" },
  ...{ teamsClaim: null, actorClaim: "sub", ...own },
});
const READ = "{ tokens { totalCount } }";
const CREATE =
  "mutation ($name: String!) { createCollection(input: { name: $name, kind: USER }) { collection { id } } }";
const as = (token: string) => ({ authorization: `Bearer ${token}` });
const refused = { status: 401, data: null, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] };

describe("a token of the issuer", () => {
  test("opens the API in the name of its subject, with the highest role that it names", async () => {
    const token = await issuer.sign({ sub: "ann", roles: ["unknown", "operator", "VIEWER"] });
    expect((await api.ask(CREATE, { name: "Ann's" }, as(token))).errors).toEqual([]);
    const [event] = await database.dataSource.query("SELECT actor, role FROM audit_event ORDER BY at DESC LIMIT 1");
    expect(event).toEqual({ actor: "oidc:ann", role: "OPERATOR" });
  });

  test("without a role that is known here is FORBIDDEN", async () => {
    for (const claims of [{}, { roles: ["root"] }, { roles: { ADMIN: true } }]) {
      expect(await api.ask(READ, {}, as(await issuer.sign(claims)))).toMatchObject({
        status: 403,
        errors: [{ extensions: { code: "FORBIDDEN" } }],
      });
    }
  });

  test.each([
    ["for another audience", () => issuer.sign({ roles: ["ADMIN"], aud: "somebody else" })],
    ["of another issuer", () => issuer.sign({ roles: ["ADMIN"] }, { issuer: "https://evil.example.com" })],
    ["that has expired", () => issuer.sign({ roles: ["ADMIN"] }, { expiresIn: -60 })],
    ["that is not yet valid", () => issuer.sign({ roles: ["ADMIN"], nbf: Math.floor(Date.now() / 1000) + 300 })],
    ["signed with what everybody knows", () => issuer.signWithPublicKey({ roles: ["ADMIN"] })],
    [
      "that is not signed",
      async () => `${(await issuer.sign({ roles: ["ADMIN"] })).replace(/^[^.]+/, NONE).replace(/[^.]+$/, "AA")}`,
    ],
    [
      "whose claims were changed",
      async () => (await issuer.sign({ roles: ["VIEWER"] })).replace(/\.[^.]+\./, `.${FORGED}.`),
    ],
  ])("%s is UNAUTHENTICATED", async (_, make) => {
    expect(await api.ask(READ, {}, as(await make()))).toMatchObject(refused);
  });

  test("is taken for half a minute after its end, since clocks differ", async () => {
    const token = await issuer.sign({ roles: ["VIEWER"] }, { expiresIn: -10 });
    expect((await api.ask(READ, {}, as(token))).status).toBe(200);
  });

  test("shows its teams' things alone, where teams are asked for: all of them with `*`, none without the claim", async () => {
    const limited = await startApi(database, {
      oidc: settings({ teamsClaim: "groups.teams", roleClaim: "access.roles" }),
    });
    const token = await new SampleRows(database.dataSource).token({ teams: ["east"] });
    const seen = async (claims: object) => {
      const query = "query ($id: ID!) { node(id: $id) { id } }";
      const bearer = as(await issuer.sign({ access: { roles: "VIEWER" }, ...claims }));
      return ((await limited.ask(query, { id: token.globalId }, bearer)).data as { node: object | null }).node !== null;
    };
    expect(await seen({ groups: { teams: ["east", "west"] } })).toBe(true);
    expect(await seen({ groups: { teams: "east" } })).toBe(true);
    expect(await seen({ groups: { teams: ["*"] } })).toBe(true);
    expect(await seen({ groups: { teams: ["west"] } })).toBe(false);
    expect(await seen({})).toBe(false);
    await limited.close();
  });
});

test("who is of no team where teams are asked for changes nothing", async () => {
  const limited = await startApi(database, { oidc: settings({ teamsClaim: "teams" }) });
  const token = await issuer.sign({ roles: ["ADMIN"], teams: [] });
  expect(await limited.ask(CREATE, { name: "Of nobody" }, as(token))).toMatchObject({
    data: null,
    errors: [{ extensions: { code: "FORBIDDEN" } }],
  });
  expect(await limited.dataSource.query("SELECT FROM collection WHERE name = 'Of nobody'")).toEqual([]);
  await limited.close();
});

describe("the issuer's keys", () => {
  beforeEach(async () => {
    await stop();
    await start();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Long enough for them to be asked for again. */
  function aMinuteGoesBy(): void {
    const { now } = Date;
    vi.spyOn(Date, "now").mockImplementation(() => now() + 60_000);
  }

  test("are asked for once for many tokens", async () => {
    for (let at = 0; at < 5; at += 1)
      await api.ask(READ, {}, as(await issuer.sign({ sub: `${at}`, roles: ["VIEWER"] })));
    expect(issuer.keyRequests()).toBe(1);
  });

  test("that cannot be had open nothing, and are asked for again later", async () => {
    issuer.breakWith(503);
    const token = await issuer.sign({ roles: ["ADMIN"] });
    expect(await api.ask(READ, {}, as(token))).toMatchObject({
      status: 401,
      errors: [
        {
          message: expect.stringContaining("cannot be reached"),
          extensions: { details: { retryAt: expect.any(String) } },
        },
      ],
    });
    issuer.breakWith(null);
    const { errors } = await api.ask(READ, {}, as(token));
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    await eventually(async () => ((await api.ask(READ, {}, as(token))).status === 200 ? true : null));
  });

  const read = async (sub: string, changed = {}) =>
    api.ask(READ, {}, as(await issuer.sign({ sub, roles: ["VIEWER"] }, changed)));

  test.each([503, "cut"] as const)(
    "that are kept serve while it cannot be reached, whoever names another one (%s)",
    async (fault) => {
      expect((await read("first")).status).toBe(200);
      aMinuteGoesBy();
      issuer.breakWith(fault);
      for (const sub of ["second", "third"]) {
        expect(await read(sub, { kid: "another" })).toMatchObject({
          status: 401,
          errors: [{ message: expect.stringContaining("cannot be reached") }],
        });
        expect((await read(sub)).status).toBe(200);
      }
    },
  );

  test("that are new are known from then on, and the ones before no more", async () => {
    expect((await read("first")).status).toBe(200);
    const before = await issuer.sign({ sub: "second", roles: ["VIEWER"] });
    await issuer.changeKey("the next key");
    aMinuteGoesBy();
    expect((await read("third")).status).toBe(200);
    expect(await api.ask(READ, {}, as(before))).toMatchObject(refused);
  });
});

const NONE = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
const FORGED = Buffer.from(
  JSON.stringify({ iss: "x", aud: AUDIENCE, sub: "somebody", roles: ["ADMIN"], exp: 4_000_000_000 }),
).toString("base64url");

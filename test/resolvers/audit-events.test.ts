import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { forgetPast } from "../../src/sync/watch/forget-past.js";
import { createKey } from "../http/create-key.js";
import { byGet, byPost, bySocket } from "../http/limits/ways.js";
import { startApi } from "../http/start-api.js";
import { forget } from "../support/forget.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());
beforeEach(() => forget(api.dataSource, "audit_event"));

interface Told {
  readonly auditEvents: {
    readonly totalCount: number;
    readonly nodes: readonly {
      readonly actor: string;
      readonly mutation: string;
      readonly outcome: string;
      readonly code: string | null;
      readonly input: Readonly<Record<string, unknown>>;
    }[];
  };
}
const EVENTS = `query ($filter: AuditEventFilter) { auditEvents(filter: $filter) { totalCount nodes {
  at actor role teams mutation input outcome code idempotencyKey requestId
} } }`;
const told = async (filter: object = {}) => ((await api.read(EVENTS, { filter })) as Told).auditEvents;
const CREATE = "mutation ($input: CreateCollectionInput!) { createCollection(input: $input) { collection { id } } }";

describe("an audit event tells", () => {
  test("who had what done, with which role, under which names", async () => {
    const { name, headers } = await createKey(api, { role: "OPERATOR", teams: ["a team"] });
    await forget(api.dataSource, "audit_event");
    const response = await fetch(`${api.url}/graphql`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({
        query: CREATE,
        variables: { input: { name: "Told", kind: "USER", idempotencyKey: "k1" } },
      }),
    });
    expect((await told()).nodes).toEqual([
      {
        at: expect.any(String),
        ...{ actor: `key:${name}`, role: "OPERATOR", teams: ["a team"], mutation: "createCollection" },
        ...{ input: { name: "Told", kind: "USER" }, outcome: "DONE", code: null, idempotencyKey: "k1" },
        requestId: response.headers.get("x-request-id"),
      },
    ]);
  });

  test("what was answered again", async () => {
    const input = { name: "Again", kind: "USER", idempotencyKey: "again" };
    for (let time = 0; time < 2; time += 1) await api.ask(CREATE, { input });
    expect((await told()).nodes.map(({ outcome }) => outcome)).toEqual(["REPEATED", "DONE"]);
  });

  test("what was refused for the role, and for any other reason", async () => {
    const { headers } = await createKey(api, { role: "VIEWER" });
    await forget(api.dataSource, "audit_event");
    await api.ask(CREATE, { input: { name: "Refused", kind: "USER" } }, headers);
    await api.ask(CREATE, { input: { name: " ", kind: "USER" } });
    expect((await told({ outcome: "REFUSED" })).nodes.map(({ code }) => code)).toEqual(["INVALID_INPUT", "FORBIDDEN"]);
  });

  test("what failed for a reason nobody foresaw, which is not written", async () => {
    const query = "mutation ($input: CheckTargetInput!) { checkTarget(input: $input) { ok } }";
    await api.ask(query, { input: { target: (await api.rows.target()).globalId } });
    expect(await told({ outcome: "FAILED" })).toMatchObject({ nodes: [{ mutation: "checkTarget", code: "INTERNAL" }] });
  });

  test("texts that PostgreSQL cannot hold, and ones without end, as far as it can", async () => {
    await api.ask(CREATE, { input: { name: `a\u0000b\ud800${"x".repeat(1_000)}`, kind: "USER" } });
    const [event] = (await told()).nodes;
    expect(event?.outcome).toBe("REFUSED");
    expect(event?.input.name).toMatch(/^ab\ufffdx{497}…$/);
  });
});

describe("of mutations that are asked for together, those after one that fails", () => {
  const query = `mutation ($suspend: SuspendTokenInput!, $revoke: RevokeApiKeyInput!, $wanted: Boolean = false) {
    suspendToken(input: $suspend) { token { id } }
    ...Others
    never: removeToken(input: { token: "none" }) @include(if: $wanted) { __typename }
  }
  fragment Others on Mutation {
    revokeApiKey(input: $revoke) { apiKey { id } }
    again: revokeApiKey(input: $revoke) { apiKey { id } }
  }`;

  test("are not begun, and are told of as refused for the same reason, without their input", async () => {
    const { headers, id } = await createKey(api, { role: "VIEWER" });
    const token = (await api.rows.token()).globalId;
    await forget(api.dataSource, "audit_event");
    const { errors } = await api.ask(query, { suspend: { token }, revoke: { apiKey: id } }, headers);
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    const refused = { outcome: "REFUSED", code: "FORBIDDEN" };
    expect((await told()).totalCount).toBe(3);
    expect((await told({ mutation: "suspendToken" })).nodes).toMatchObject([{ ...refused, input: { token } }]);
    expect((await told({ mutation: "revokeApiKey" })).nodes).toMatchObject([
      { ...refused, input: {} },
      { ...refused, input: {} },
    ]);
  });
});

describe("a mutation whose request was refused as a whole is told of, without its input:", () => {
  const LISTED = "query Listed { tokens { totalCount } }";
  const SECRET = "hunter2";

  test.each([
    [
      "a field that is not there",
      `mutation { createCollection(input: { name: "${SECRET}", kind: USER }) { nope } }`,
      {},
    ],
    ["an input that is none", `mutation { createCollection(input: { nmae: "${SECRET}" }) { collection { id } } }`, {}],
    ["a variable that does not fit", CREATE, { input: { name: SECRET, kind: "NOBODY" } }],
    ["a variable that is missing", CREATE, {}],
    [
      "too much at once",
      `mutation { ${Array.from({ length: 40 }, (_, at) => `a${at}: createCollection(input: { name: "${SECRET}", kind: USER }) { collection { id } }`).join(" ")} }`,
      {},
    ],
    [
      "too long a list",
      CREATE,
      { input: { name: SECRET, kind: "USER" }, more: Array.from({ length: 10_001 }, () => 1) },
    ],
    [
      "what a fragment hides",
      `mutation { ...A } fragment A on Mutation { ... { createCollection(input: { name: "${SECRET}" }) { collection { id } } } }`,
      {},
    ],
  ])("for %s", async (_, query, variables) => {
    const { name, headers } = await createKey(api, { role: "OPERATOR" });
    await forget(api.dataSource, "audit_event");
    const { status, errors } = await api.ask(query, variables, headers);
    expect(status).toBe(400);
    const { nodes } = await told();
    const code = errors[0]?.extensions.code;
    expect(nodes).toMatchObject([
      { actor: `key:${name}`, mutation: "createCollection", outcome: "REFUSED", code, input: {} },
    ]);
    expect(JSON.stringify(nodes)).not.toContain(SECRET);
  });

  test("sent as a GET, or over a WebSocket", async () => {
    const query = 'mutation { createCollection(input: { name: "A", kind: USER }) { collection { id } } }';
    await byGet(api.url, { query });
    await bySocket(api.url, { query });
    expect((await told()).nodes).toMatchObject([
      { mutation: "createCollection", outcome: "REFUSED" },
      { mutation: "createCollection", outcome: "REFUSED" },
    ]);
  });

  test("not on the list, where nothing else is taken", async () => {
    const strict = await startApi(api.database, {
      persisted: { operations: new Map([["hash", LISTED]]), only: "true" },
    });
    await byPost(strict.url, { query: CREATE, variables: { input: { name: "A", kind: "USER" } } });
    await strict.close();
    expect((await told()).nodes).toMatchObject([{ mutation: "createCollection", code: "FORBIDDEN" }]);
  });

  test("but not what nobody is known for, what is no mutation, and what has told of itself", async () => {
    await api.ask(CREATE, {}, {});
    await api.ask("{ createCollection }");
    await api.ask("query ($n: Int!) { tokens(first: $n) { totalCount } }");
    await api.ask("mutation { dropEverything }");
    await api.ask("mutation {");
    await api.ask(CREATE, { input: { name: "Once", kind: "USER" } });
    expect((await told()).nodes).toMatchObject([{ input: { name: "Once" }, outcome: "DONE" }]);
  });
});

describe("no secret is told", () => {
  test("of a token file", async () => {
    const query = "mutation ($input: AddTokenInput!) { addToken(input: $input) { token { id } } }";
    await api.ask(query, { input: { name: "Secret", file: "c2VjcmV0LWZpbGU=" } });
    expect((await told()).nodes[0]?.input).toMatchObject({ name: "Secret", file: "***" });
  });

  test("of a target's settings: their names alone", async () => {
    const query = "mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id } } }";
    const settings = { url: "https://mdm.example.com", password: "hunter2" };
    await api.ask(query, { input: { plugin: "sample", name: "MDM", settings } });
    expect((await told()).nodes[0]?.input).toEqual({
      ...{ plugin: "sample", name: "MDM", settings: { url: "***", password: "***" } },
    });
  });
});

describe("audit events", () => {
  test("are filtered by actor, mutation, outcome and time", async () => {
    const { name, headers } = await createKey(api, { role: "OPERATOR" });
    await api.ask(CREATE, { input: { name: "By a key", kind: "USER" } }, headers);
    await api.ask(CREATE, { input: { name: "", kind: "USER" } }, headers);
    expect((await told({ actor: `key:${name}` })).totalCount).toBe(2);
    expect((await told({ actor: `key:${name}`, outcome: "DONE" })).totalCount).toBe(1);
    expect((await told({ mutation: "createApiKey" })).totalCount).toBe(1);
    expect((await told({ since: "2100-01-01T00:00:00.000Z" })).totalCount).toBe(0);
    expect((await told({ before: "2100-01-01T00:00:00.000Z" })).totalCount).toBe(3);
  });

  test("are there with what they tell of, or neither is", async () => {
    await api.dataSource.query("ALTER TABLE audit_event ADD CONSTRAINT never CHECK (mutation <> 'createCollection')");
    const { errors } = await api.ask(CREATE, { input: { name: "Half done", kind: "USER" } });
    await api.dataSource.query("ALTER TABLE audit_event DROP CONSTRAINT never");
    expect(errors).toMatchObject([{ extensions: { code: "INTERNAL" } }]);
    expect(await api.dataSource.query("SELECT id FROM collection WHERE name = 'Half done'")).toEqual([]);
  });

  test("are forgotten after AUDIT_DAYS, and not before", async () => {
    await api.ask(CREATE, { input: { name: "Old", kind: "USER" } });
    await api.ask(CREATE, { input: { name: "New", kind: "USER" } });
    const age = "UPDATE audit_event SET at = now() - $2::interval WHERE input ->> 'name' = $1";
    await api.dataSource.query(age, ["Old", "400 days 1 minute"]);
    await api.dataSource.query(age, ["New", "399 days"]);
    await api.dataSource.transaction((tx) => forgetPast(tx, api.core));
    expect((await told()).nodes.map(({ input }) => input.name)).toEqual(["New"]);
  });
});

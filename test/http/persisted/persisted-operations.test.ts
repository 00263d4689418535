import { createHash } from "node:crypto";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import options from "../../../examples/app-list/codegen-options.js";
import { generateTypes } from "../../../examples/generate-types.js";
import { Role } from "../../../src/entities/role.js";
import type { StoreApp } from "../../../src/entities/store-app.js";
import type { OnlyListed, PersistedSettings } from "../../../src/http/persisted/persisted-settings.js";
import { createKey } from "../create-key.js";
import { byEventStream, byGet, byPost, bySocket, type Send, type Sent } from "../limits/ways.js";
import { SampleRows } from "../sample-rows.js";
import { API_KEY, startApi, type TestApi } from "../start-api.js";

const LISTED = "query Names { tokens(first: 1) { nodes { name } } }";
const LISTED_LIVE = "subscription Names { tokenHealthChanged { name } }";
const OTHER = "{ tokens(first: 1) { nodes { platform } } }";
const OTHER_LIVE = "subscription { tokenHealthChanged { platform } }";
const OUTDATED = "query Outdated { tokens { nodes { formerly } } }";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
const byHash = (sha256Hash: string): Sent => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

const listed = (only: OnlyListed): { persisted: PersistedSettings } => ({
  persisted: {
    // The client preset's own hashes are SHA-1 unless it is told otherwise.
    operations: new Map([
      [sha256(LISTED), LISTED],
      [sha1(LISTED_LIVE), LISTED_LIVE],
      ["outdated", OUTDATED],
    ]),
    only,
  },
});

const servers: TestApi[] = [];
let open: TestApi;
let closed: TestApi;
let exceptAdmin: TestApi;
let viewer: string;
let app: StoreApp;
beforeAll(async () => {
  open = await startApi(undefined, listed("false"));
  closed = await startApi(open.database, listed("true"));
  exceptAdmin = await startApi(open.database, listed("except-admin"));
  servers.push(exceptAdmin, closed, open);
  const rows = new SampleRows(open.dataSource);
  app = await rows.storeApp(await rows.token({ name: "Own" }), { name: "Own app" });
  viewer = (await createKey(open, { role: Role.VIEWER })).key;
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

const ways: readonly (readonly [string, Send, string, string, string])[] = [
  ["POST", byPost, LISTED, sha256(LISTED), OTHER],
  ["GET", byGet, LISTED, sha256(LISTED), OTHER],
  ["a stream of events", byEventStream, LISTED_LIVE, sha1(LISTED_LIVE), OTHER_LIVE],
  ["WebSocket", bySocket, LISTED_LIVE, sha1(LISTED_LIVE), OTHER_LIVE],
];

describe("a listed operation", () => {
  test.each(ways)("is executed for its hash alone, over %s", async (_, send, __, hash) => {
    const { data, errors } = await send(open.url, byHash(hash));
    expect(errors).toEqual([]);
    expect(JSON.stringify(data)).toContain("Own");
  });

  test("that does not fit the schema is told of at the start, and keeps nothing from starting", () => {
    const told = open.log.filter((line) => line.includes("A persisted operation does not fit the schema"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("outdated");
  });
});

test("the list that the client preset writes for the example is one, and its operations are answered by their hashes", async () => {
  const files = await generateTypes({ ...options.presetConfig, persistedDocuments: true });
  const list = files.find(({ path }) => path.endsWith("persisted-documents.json"));
  const manifest = JSON.parse(list?.text ?? "{}") as Record<string, string>;
  const server = await startApi(open.database, {
    persisted: { operations: new Map(Object.entries(manifest)), only: "true" },
  });
  const hashOf = (name: string) => Object.entries(manifest).find(([, text]) => text.includes(name))?.[0] ?? "";
  const page = await byPost(server.url, { ...byHash(hashOf("query Apps")), variables: { first: 1 } }, viewer);
  expect(page).toMatchObject({ errors: [], data: { storeApps: { nodes: [{ name: "Own app" }] } } });
  const live = { ...byHash(hashOf("subscription AppsChanged")), variables: { ids: [app.globalId] } };
  for (const send of [byEventStream, bySocket]) {
    expect(await send(server.url, live, viewer)).toMatchObject({ data: { storeAppChanged: { name: "Own app" } } });
  }
  await server.close();
});

describe("an automatic persisted query", () => {
  const query = "query Automatic { tokens(first: 1) { nodes { id name } } }";

  test("is not found at first, and after it was sent once, its hash is enough, by POST and by GET", async () => {
    expect(await byPost(open.url, byHash(sha256(query)))).toMatchObject({
      status: 200,
      errors: [{ code: "INVALID_INPUT" }],
    });
    const first = await byPost(open.url, { query, ...byHash(sha256(query)) });
    expect(first.errors).toEqual([]);
    expect(await byPost(open.url, byHash(sha256(query)))).toEqual(first);
    expect(await byGet(open.url, byHash(sha256(query)))).toEqual(first);
  });

  test("is told by the message that clients wait for", async () => {
    const response = await fetch(`${open.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify(byHash("0".repeat(64))),
    });
    expect(await response.json()).toMatchObject({ errors: [{ message: "PersistedQueryNotFound" }] });
  });

  test("is refused with a hash that is not its own, and not kept under it", async () => {
    const wrong = sha256("something else");
    expect(await byPost(open.url, { query, ...byHash(wrong) })).toMatchObject({
      status: 400,
      data: null,
      errors: [{ code: "INVALID_INPUT" }],
    });
    expect(await byPost(open.url, byHash(wrong))).toMatchObject({ data: null, errors: [{ code: "INVALID_INPUT" }] });
  });
});

describe("a subscription that is sent by its hash", () => {
  const query = "subscription Automatic { tokenHealthChanged { id name } }";
  const notFound = "PersistedQueryNotFound";

  /** The messages of a subscription's errors, or null when it is answered. */
  async function overSocket(sent: Sent): Promise<string[] | null> {
    const client = createClient({
      url: `${open.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${API_KEY}` },
      retryAttempts: 0,
    });
    try {
      await client.iterate({ query: "", ...sent }).next();
      return null;
    } catch (errors) {
      return (errors as readonly Error[]).map(({ message }) => message);
    } finally {
      await client.dispose();
    }
  }
  async function asEvents(sent: Sent): Promise<string[] | null> {
    const leave = new AbortController();
    const response = await fetch(`${open.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify(sent),
      signal: leave.signal,
    });
    const isAnswered = response.headers.get("content-type") === "text/event-stream";
    const errors = isAnswered ? null : ((await response.json()) as { errors: Error[] }).errors;
    leave.abort();
    return errors?.map(({ message }) => message) ?? null;
  }

  test.each([
    ["WebSocket", overSocket],
    ["a stream of events", asEvents],
  ])("is not found, now and later, so that its text is sent again and its hash looked at, over %s", async (_, send) => {
    for (let time = 0; time < 2; time += 1) {
      expect(await send(byHash(sha256(query)))).toEqual([notFound]);
      expect(await send({ query, ...byHash(sha256(query)) })).toBeNull();
    }
    expect(await send({ query, ...byHash(sha256("something else")) })).toEqual(["provided sha does not match query"]);
    expect(await send({ query: LISTED_LIVE, ...byHash(sha1(LISTED_LIVE)) })).toBeNull();
  });
});

describe("where only listed operations are taken", () => {
  const REFUSED = { data: null, errors: [{ code: "FORBIDDEN", details: { persistedOnly: true } }] };

  test.each(ways)("they are, by hash or by text, and no other, over %s", async (_, send, text, hash, other) => {
    for (const sent of [byHash(hash), { query: text }]) {
      const { data, errors } = await send(closed.url, sent, viewer);
      expect(errors).toEqual([]);
      expect(JSON.stringify(data)).toContain("Own");
    }
    expect(await send(closed.url, { query: other }, viewer)).toMatchObject(REFUSED);
    expect(await send(closed.url, { query: other })).toMatchObject(REFUSED);
    expect(await send(closed.url, { query: `${text} ` })).toMatchObject(REFUSED);
  });

  test.each([
    ["the schema", "{ __schema { types { name } } }"],
    ["the name of a type", "{ __typename }"],
    ["what is not there, so that no word of the schema is told", "{ token { nmae } }"],
  ])("nobody is told %s", async (_, query) => {
    for (const send of [byPost, byGet]) expect(await send(closed.url, { query })).toMatchObject(REFUSED);
  });

  test("nothing is added to them by its hash", async () => {
    for (const sent of [{ query: OTHER, ...byHash(sha256(OTHER)) }, byHash(sha256(OTHER))]) {
      for (const send of [byPost, byGet]) expect(await send(closed.url, sent)).toMatchObject(REFUSED);
    }
  });

  test("a mutation that is not listed changes nothing", async () => {
    const query = 'mutation { createCollection(input: { name: "Unlisted", kind: USER }) { collection { id } } }';
    expect(await byPost(closed.url, { query })).toMatchObject(REFUSED);
    expect(await open.dataSource.query("SELECT FROM collection WHERE name = 'Unlisted'")).toEqual([]);
  });

  test("the report is there all the same", async () => {
    const response = await fetch(`${closed.url}/report.csv`, { headers: { authorization: `Bearer ${viewer}` } });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("adamId");
  });

  test("an admin may ask anything, if so configured, and opens it to nobody else", async () => {
    const sent = { query: OTHER, ...byHash(sha256(OTHER)) };
    expect((await byPost(exceptAdmin.url, sent)).errors).toEqual([]);
    for (const send of [byPost, byGet]) {
      expect((await send(exceptAdmin.url, byHash(sha256(OTHER)))).errors).toEqual([]);
      expect(await send(exceptAdmin.url, byHash(sha256(OTHER)), viewer)).toMatchObject(REFUSED);
      expect(await send(exceptAdmin.url, { query: OTHER }, viewer)).toMatchObject(REFUSED);
    }
  });
});

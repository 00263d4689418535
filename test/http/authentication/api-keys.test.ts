import { once } from "node:events";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../../support/eventually.js";
import { createKey } from "../create-key.js";
import { SampleRows } from "../sample-rows.js";
import { startApi, type TestApi } from "../start-api.js";

let api: TestApi;
let replica: TestApi;
beforeAll(async () => {
  api = await startApi();
  replica = await startApi(api.database);
});
afterAll(async () => {
  await replica.close();
  await api.close();
});

const READ = "{ tokens { totalCount } }";
const CREATE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { key apiKey { name prefix role teams expiresAt lastUsedAt createdBy revokedAt } }
}`;
const revoke = (id: string) =>
  api.ask("mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { revokedAt revokedBy } } }", {
    input: { apiKey: id },
  });
const listed = async () =>
  (
    (await api.ask("{ apiKeys(first: 500) { nodes { id name prefix revokedAt lastUsedAt } } }")).data as {
      apiKeys: {
        nodes: { id: string; name: string; prefix: string; revokedAt: string | null; lastUsedAt: string | null }[];
      };
    }
  ).apiKeys.nodes;
const refused = { status: 401, data: null, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] };

describe("an API key", () => {
  test("is shown once, opens the API on every replica, and what it does is done in its name", async () => {
    const { data } = await api.ask(CREATE, { input: { name: "ci", role: "OPERATOR" } });
    const { key, apiKey } = (data as { createApiKey: { key: string; apiKey: { prefix: string } } }).createApiKey;
    expect(apiKey).toEqual({
      ...{ name: "ci", role: "OPERATOR", teams: null, expiresAt: null, lastUsedAt: null, createdBy: "admin" },
      ...{ revokedAt: null, prefix: key.slice(0, 22) },
    });
    const headers = { authorization: `Bearer ${key}` };
    for (const one of [api, replica]) expect((await one.ask(READ, {}, headers)).errors).toEqual([]);
    expect(JSON.stringify(await listed())).not.toContain(key);
    const stored = await api.dataSource.query("SELECT row_to_json(api_key)::text AS row FROM api_key");
    expect(JSON.stringify(stored)).not.toContain(key.slice(23));
  });

  test("is not shown again when its request is repeated, and nothing that is kept holds it", async () => {
    const input = { name: "once", role: "VIEWER", idempotencyKey: "make once" };
    const first = (await api.ask(CREATE, { input })).data as { createApiKey: { key: string } };
    const again = (await api.ask(CREATE, { input })).data as { createApiKey: { key: string | null } };
    expect(again.createApiKey).toMatchObject({ key: null, apiKey: { name: "once" } });
    const answers = await api.dataSource.query("SELECT answer::text FROM mutation_answer");
    expect(JSON.stringify(answers)).not.toContain(first.createApiKey.key.slice(23));
  });

  test.each([
    ["another secret", (key: string) => `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`],
    ["another beginning", (key: string) => key.replace(/_[0-9a-f]{16}_/, "_0123456789abcdef_")],
    ["only its beginning", (key: string) => key.slice(0, 22)],
  ])("is refused with %s", async (_, changed) => {
    const { key } = await createKey(api, { role: "VIEWER" });
    expect(await api.ask(READ, {}, { authorization: `Bearer ${changed(key)}` })).toMatchObject(refused);
  });

  test.each([
    ["no name", { name: " ", role: "VIEWER" }],
    ["no team where teams are given", { name: "of nobody", role: "VIEWER", teams: [] }],
    ["a team that stands for all", { name: "of all", role: "VIEWER", teams: ["*"] }],
    ["an end in the past", { name: "late", role: "VIEWER", expiresAt: "2001-01-01T00:00:00.000Z" }],
  ])("is not made with %s", async (_, input) => {
    expect(await api.ask(CREATE, { input })).toMatchObject({ errors: [{ extensions: { code: "INVALID_INPUT" } }] });
  });

  test("has a name that no other has until it is revoked", async () => {
    const { id, name } = await createKey(api, { role: "VIEWER" });
    expect(await api.ask(CREATE, { input: { name, role: "ADMIN" } })).toMatchObject({
      errors: [{ extensions: { code: "CONFLICT" } }],
    });
    await revoke(id);
    expect((await api.ask(CREATE, { input: { name, role: "ADMIN" } })).errors).toEqual([]);
  });

  test("is refused within a second of being revoked, on every replica, also while it is in use", async () => {
    const { id, headers } = await createKey(api, { role: "VIEWER" });
    for (const one of [api, replica]) expect((await one.ask(READ, {}, headers)).status).toBe(200);
    expect((await revoke(id)).data).toMatchObject({ revokeApiKey: { apiKey: { revokedBy: "admin" } } });
    for (const one of [api, replica]) {
      await eventually(async () => ((await one.ask(READ, {}, headers)).status === 401 ? true : null), undefined, 1_500);
    }
  });

  test("is refused within a second also where nobody hears of the revocation", async () => {
    const { id, headers } = await createKey(api, { role: "VIEWER" });
    expect((await replica.ask(READ, {}, headers)).status).toBe(200);
    await api.dataSource.query("ALTER TABLE api_key DISABLE TRIGGER api_key_revoked");
    await revoke(id);
    await api.dataSource.query("ALTER TABLE api_key ENABLE TRIGGER api_key_revoked");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await replica.ask(READ, {}, headers)).toMatchObject(refused);
  });

  test("is refused once it has expired", async () => {
    const { headers } = await createKey(api, { role: "VIEWER", expiresAt: new Date(Date.now() + 700) });
    expect((await api.ask(READ, {}, headers)).status).toBe(200);
    await eventually(async () => ((await api.ask(READ, {}, headers)).status === 401 ? true : null));
  });

  test("asks the database nothing of its own, request after request", async () => {
    const { headers } = await createKey(api, { role: "VIEWER" });
    await api.ask(READ, {}, headers);
    const query = vi.spyOn(api.dataSource, "query");
    for (let request = 0; request < 20; request += 1) await api.ask(READ, {}, headers);
    const ofKeys = query.mock.calls.filter(([text]) => String(text).includes("api_key"));
    query.mockRestore();
    expect(ofKeys.length).toBeLessThan(5);
  });

  test("says when it was last used", async () => {
    const { id, headers } = await createKey(api, { role: "VIEWER" });
    const lastUsedAt = async () => (await listed()).find((key) => key.id === id)?.lastUsedAt ?? null;
    expect(await lastUsedAt()).toBeNull();
    await api.ask(READ, {}, headers);
    await eventually(lastUsedAt);
  });
});

const isAboutKeys = (text: unknown) => String(text).includes("FROM api_key");

describe("a subscription", () => {
  const SUBSCRIPTION = "subscription { tokenHealthChanged { name } }";

  test("over a socket ends with its key: 4401", async () => {
    const { id, key } = await createKey(api, { role: "VIEWER" });
    const socket = new WebSocket(`${replica.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${key}` } }));
    await once(socket, "message");
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: SUBSCRIPTION } }));
    const closed = once(socket, "close");
    await revoke(id);
    expect((await closed)[0]).toBe(4401);
  });

  test("over a socket that is gone before its key is known leaves nobody who goes on asking for the key", async () => {
    const { key } = await createKey(api, { role: "VIEWER" });
    const other = await startApi(api.database);
    const query = other.dataSource.query.bind(other.dataSource);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const statements = vi.spyOn(other.dataSource, "query").mockImplementation(async (...asked) => {
      if (isAboutKeys(asked[0])) await held;
      return query(...asked);
    });
    const asked = () => statements.mock.calls.filter(([text]) => isAboutKeys(text)).length;
    const socket = new WebSocket(`${other.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${key}` } }));
    await eventually(async () => (asked() > 0 ? true : null));
    socket.terminate();
    const connections = promisify(other.server.getConnections.bind(other.server));
    await eventually(async () => ((await connections()) === 0 ? true : null));
    goOn();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(asked()).toBe(1);
    await other.close();
  });

  test("by events ends with its key: UNAUTHENTICATED, and complete", async () => {
    await new SampleRows(api.dataSource).token({ name: "Seen" });
    const { headers } = await createKey(api, { role: "VIEWER", expiresAt: new Date(Date.now() + 1_000) });
    const response = await fetch(`${api.url}/graphql`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: SUBSCRIPTION }),
    });
    const events = (await response.text()).split("\n\n").filter((event) => event.startsWith("event:"));
    expect(events[0]).toContain("Seen");
    expect(events.at(-2)).toContain('"code":"UNAUTHENTICATED"');
    expect(events.at(-1)).toMatch(/^event: complete/);
  });
});

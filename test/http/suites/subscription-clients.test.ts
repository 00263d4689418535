import type { Socket } from "node:net";
import { createClient as createEventClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Token } from "../../../src/entities/token.js";
import { SampleRows } from "../sample-rows.js";
import { API_KEY, startApi, type TestApi } from "../start-api.js";

interface Told {
  readonly tokenHealthChanged: { readonly name: string; readonly health: { readonly state: string } };
}

/** A subscription of somebody else's client, that comes again by itself when it is interrupted. */
interface Client {
  subscribe(variables: Record<string, unknown>): AsyncIterableIterator<{ readonly data?: Told | null | undefined }>;
  dispose(): void | Promise<void>;
}

const HEALTH = "subscription ($token: ID) { tokenHealthChanged(token: $token) { name health { state } } }";
const AUTHORIZATION = `Bearer ${API_KEY}`;
const AT_ONCE = () => Promise.resolve();

const CLIENTS: Readonly<Record<string, () => Client>> = {
  "graphql-ws": () => {
    const client = createSocketClient({
      url: `${api.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: AUTHORIZATION },
      shouldRetry: () => true,
      retryWait: AT_ONCE,
    });
    return {
      subscribe: (variables) => client.iterate<Told>({ query: HEALTH, variables }),
      dispose: () => client.dispose(),
    };
  },
  "graphql-sse": () => {
    const client = createEventClient({
      url: `${api.url}/graphql`,
      headers: { authorization: AUTHORIZATION },
      retry: AT_ONCE,
    });
    return {
      subscribe: (variables) => client.iterate<Told>({ query: HEALTH, variables }),
      dispose: () => client.dispose(),
    };
  },
};

let api: TestApi;
let rows: SampleRows;
const connections = new Set<Socket>();
beforeAll(async () => {
  api = await startApi();
  rows = new SampleRows(api.dataSource);
  api.server.on("connection", (socket) => connections.add(socket));
});
afterAll(() => api.close());

const setState = (token: Token, state: string) =>
  api.dataSource.query("UPDATE token SET health_state = $2 WHERE id = $1", [token.id, state]);

describe.each(Object.keys(CLIENTS))("a client of %s", (name) => {
  async function follow(token: Token) {
    const client = CLIENTS[name]?.() as Client;
    const events = client.subscribe({ token: token.globalId });
    const next = async () => {
      const { value, done } = await events.next();
      return done ? null : (value.data?.tokenHealthChanged.health.state ?? null);
    };
    return { client, events, next };
  }

  test("is told a snapshot, then what changes, and the end", async () => {
    const token = await rows.token();
    const { client, next } = await follow(token);
    expect(await next()).toBe("ACTIVE");
    await setState(token, "EXPIRED");
    expect(await next()).toBe("EXPIRED");
    await api.dataSource.query("DELETE FROM token WHERE id = $1", [token.id]);
    expect(await next()).toBeNull();
    await client.dispose();
  });

  test("leaves, and nobody listens for it any more", async () => {
    const { client, events, next } = await follow(await rows.token());
    expect(await next()).toBe("ACTIVE");
    await events.return?.();
    expect((await events.next()).done).toBe(true);
    await client.dispose();
  });

  test("resumes after its connection is cut, and misses no last state", async () => {
    const token = await rows.token();
    const { client, events, next } = await follow(token);
    expect(await next()).toBe("ACTIVE");
    for (const socket of connections) socket.destroy();
    await setState(token, "REVOKED");
    let state = await next();
    while (state === "ACTIVE") state = await next();
    expect(state).toBe("REVOKED");
    await events.return?.();
    await client.dispose();
  });
});

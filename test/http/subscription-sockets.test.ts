import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../support/eventually.js";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const HEALTH = "subscription { tokenHealthChanged { name } }";

describe("a socket", () => {
  const connect = (headers = {}) =>
    new WebSocket(`${api.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", { headers });
  const init = (payload: object) => JSON.stringify({ type: "connection_init", payload });

  test.each([
    ["no key", {}, {}],
    ["a wrong key", { authorization: "Bearer wrong" }, {}],
    ["a wrong key in its header", {}, { authorization: "Bearer wrong" }],
  ])("is closed with 4401 for %s, and nothing is read", async (_, payload, headers) => {
    const query = vi.spyOn(api.dataSource, "query");
    const socket = connect(headers);
    await once(socket, "open");
    socket.send(init(payload));
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: HEALTH } }));
    const [code] = await once(socket, "close");
    expect(code).toBe(4401);
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
  });

  test("is closed with 4401 when it subscribes before it has shown a key", async () => {
    const socket = connect();
    await once(socket, "open");
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: HEALTH } }));
    expect((await once(socket, "close"))[0]).toBe(4401);
  });

  test("may show its key in the header", async () => {
    const socket = connect({ authorization: `Bearer ${API_KEY}` });
    await once(socket, "open");
    socket.send(init({}));
    const [message] = await once(socket, "message");
    expect(JSON.parse(String(message))).toEqual({ type: "connection_ack" });
    socket.terminate();
  });

  test("is closed when a message is larger than a request may be", async () => {
    const socket = connect();
    await once(socket, "open");
    socket.send(init({ authorization: "x".repeat(1024 * 1024) }));
    expect((await once(socket, "close"))[0]).toBe(1009);
  });

  test("carries so many subscriptions and no more", async () => {
    const socket = connect({ authorization: `Bearer ${API_KEY}` });
    const messages: { id?: string; type: string; payload: { extensions: { code: string } }[] }[] = [];
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    await once(socket, "open");
    socket.send(init({}));
    await once(socket, "message");
    for (let id = 0; id <= 100; id += 1) {
      socket.send(JSON.stringify({ id: `${id}`, type: "subscribe", payload: { query: HEALTH } }));
    }
    const refused = await eventually(async () => messages.find(({ type }) => type === "error") ?? null);
    expect(refused).toMatchObject({ id: "100", payload: [{ extensions: { code: "LIMIT_EXCEEDED" } }] });
    socket.terminate();
  });
});

test("a server that closes ends its sockets and streams, and leaves none behind", async () => {
  const replica = await startApi(api.database);
  const socket = new WebSocket(`${replica.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  await once(socket, "open");
  const stream = await fetch(`${replica.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify({ query: HEALTH }),
  });
  const text = stream.text();
  const closed = once(socket, "close");
  await replica.close();
  expect((await closed)[0]).toBe(1001);
  expect(await text).toMatch(/^:\n\n/);
  expect(await text).not.toContain("complete");
});

import dns from "node:dns";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { Patience } from "../../src/http/patience.js";
import { eventually } from "../support/eventually.js";
import { createKey } from "./create-key.js";
import { SampleRows } from "./sample-rows.js";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

const MIB = 1024 * 1024;
/** More than the system keeps on the way between two processes, in messages of which each is a part. */
const ALERTS = 100;
/** Those of them that a team sees: less than that. */
const FEW = 12;
const TEAM = "a few";
const LONG = "x".repeat(150_000);
const FOLLOW = "subscription { alertsChanged { message } }";

const PATIENCE: Patience = { pingMs: 100, takenWithinMs: 600, farewellMs: 10_000, answerMs: 120_000 };
const CURT: Patience = { ...PATIENCE, farewellMs: 100 };

let api: TestApi;
let curt: TestApi;
/** As patient as usual: whoever is let go while a test lasts is not let go for its silence. */
let patient: TestApi;
/** The server's end of each connection. */
let ends: Socket[];
beforeAll(async () => {
  api = await startApi(undefined, { patience: PATIENCE });
  curt = await startApi(api.database, { patience: CURT });
  patient = await startApi(api.database);
  for (const { server } of [api, curt, patient]) server.on("connection", (end) => ends.push(end));
  const rows = new SampleRows(api.dataSource);
  const [token, own] = [await rows.token(), await rows.token({ teams: [TEAM] })];
  for (let at = 0; at < ALERTS; at += 1) {
    const app = await rows.storeApp(at < FEW ? own : token);
    await rows.mismatch(app, { tokenId: app.tokenId, message: LONG });
  }
});
afterAll(async () => {
  await patient.close();
  await curt.close();
  await api.close();
});
beforeEach(() => {
  ends = [];
});

const waitingBytes = () => ends.reduce((sum, end) => sum + (end.destroyed ? 0 : end.writableLength), 0);
const isStuck = () => eventually(async () => (waitingBytes() > 0 ? true : null));
/** Sooner than a WebSocket is given up of which nothing is heard after its end. */
const GONE_MS = 20_000;
const areGone = () => eventually(async () => (ends.every((end) => end.destroyed) ? true : null), waitingBytes, GONE_MS);

async function openSocket({ url }: TestApi, key: string | null = API_KEY): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  socket.on("error", () => undefined);
  await once(socket, "open");
  if (key === null) return socket;
  socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${key}` } }));
  await once(socket, "message");
  return socket;
}
const subscribe = (socket: WebSocket, query = FOLLOW, id = "1") =>
  socket.send(JSON.stringify({ id, type: "subscribe", payload: { query } }));

describe("over WebSocket, a client that has stopped reading", () => {
  test("is told why it was let go when it reads again, behind all that waited for it", async () => {
    const socket = await openSocket(api);
    const messages: string[] = [];
    socket.on("message", (data) => messages.push(String(data)));
    socket.pause();
    subscribe(socket);
    await isStuck();
    await sleep(2 * PATIENCE.takenWithinMs);
    socket.resume();
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([1013, "Too slow: subscribe again"]);
    expect(messages.length).toBeGreaterThan(0);
    await areGone();
  });

  test("is told so, too, when what it was sent is on its way already", async () => {
    const socket = await openSocket(api);
    socket.pause();
    await sleep(4 * PATIENCE.takenWithinMs);
    expect(waitingBytes()).toBe(0);
    socket.resume();
    expect((await once(socket, "close"))[0]).toBe(1013);
  });

  test("is cut off when it does not read that either, and nothing waits for it any more", async () => {
    const socket = await openSocket(curt);
    socket.pause();
    subscribe(socket);
    await isStuck();
    await areGone();
    expect(waitingBytes()).toBe(0);
    socket.terminate();
  });

  test("is let go although it sends pongs that answer nothing", async () => {
    const socket = await openSocket(curt);
    socket.pause();
    const pongs = setInterval(() => socket.pong(), PATIENCE.pingMs / 2);
    await areGone();
    clearInterval(pongs);
    socket.terminate();
  });

  test("is sent no answer for each of its pings, nor what they hold, with a key or without", async () => {
    for (const key of [null, API_KEY]) {
      const socket = await openSocket(patient, key);
      socket.pause();
      const ping = JSON.stringify({ type: "ping", payload: { pad: "x".repeat(MIB - 100) } });
      for (let sent = 0; sent < 32; sent += 1) {
        await new Promise((resolve) => socket.send(ping, resolve));
        expect(waitingBytes()).toBeLessThan(1_024);
      }
      socket.terminate();
      await areGone();
    }
  });

  test("is let go, and told so, when refusals pile up that it does not read", async () => {
    const socket = await openSocket(patient);
    socket.pause();
    for (let sent = 0; sent < 64; sent += 1) {
      const id = `${sent}${"x".repeat(MIB - 100)}`;
      const message = JSON.stringify({ id, type: "subscribe", payload: { query: "{" } });
      await new Promise((resolve) => socket.send(message, resolve));
      expect(waitingBytes()).toBeLessThan(18 * MIB);
    }
    socket.resume();
    expect((await once(socket, "close"))[0]).toBe(1013);
    await areGone();
  });
});

test("over WebSocket, a client that reads slowly is kept as long as it reads on", async () => {
  const socket = await openSocket(curt);
  let heard = 0;
  socket.on("message", () => {
    heard += 1;
    if (heard % 10 > 0) return;
    socket.pause();
    setTimeout(() => socket.resume(), CURT.takenWithinMs / 2);
  });
  subscribe(socket);
  // In all it takes longer to come to what proves that it reads than one that takes nothing is waited for.
  await eventually(async () => (heard === ALERTS || socket.readyState === WebSocket.CLOSED ? true : null));
  expect(heard).toBe(ALERTS);
  socket.terminate();
});

test("over WebSocket, a client is asked along with what it is sent whether it reads", async () => {
  const { key } = await createKey(api, { role: "VIEWER", teams: [TEAM] });
  const socket = await openSocket(patient, key);
  let [heard, pings] = [0, 0];
  socket.on("message", () => (heard += 1));
  socket.on("ping", () => (pings += 1));
  subscribe(socket);
  await eventually(
    async () => (heard === FEW && pings >= FEW - 1 ? true : null),
    () => [heard, pings],
    5_000,
  );
  socket.terminate();
});

test("over WebSocket, each ping of a client that reads is answered", async () => {
  const socket = await openSocket(api, null);
  const messages: unknown[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  for (let sent = 0; sent < 3; sent += 1) socket.send(JSON.stringify({ type: "ping", payload: { sent } }));
  await eventually(async () => (messages.length === 3 ? true : null));
  expect(messages).toEqual([{ type: "pong" }, { type: "pong" }, { type: "pong" }]);
  socket.terminate();
});

/** Sends a request by hand, and reads nothing of what comes until it is told to. */
function ask({ url }: TestApi, request: string): Socket {
  const { hostname, port } = new URL(url);
  const caller = connect(Number(port), hostname);
  caller.on("error", () => undefined);
  caller.pause();
  caller.write(request);
  return caller;
}
function askForEvents(of: TestApi): Socket {
  const body = JSON.stringify({ query: FOLLOW });
  return ask(
    of,
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${API_KEY}\r\naccept: text/event-stream\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

describe("a caller that has stopped reading a stream of events", () => {
  test("reads last that it was left for that, when it reads again", async () => {
    const caller = askForEvents(api);
    await isStuck();
    await sleep(2 * PATIENCE.takenWithinMs);
    let heard = "";
    caller.on("data", (data) => {
      heard += String(data);
    });
    caller.resume();
    await once(caller, "close");
    const last = heard.slice(heard.lastIndexOf("event: next"));
    expect(last).toContain('"code":"LIMIT_EXCEEDED"');
    expect(last).toContain('"details":{"kind":"takenWithinMs","limit":600}');
    expect(heard).not.toContain("event: complete");
    await areGone();
  });

  test("is cut off when it does not read that either, and nothing waits for it any more", async () => {
    const caller = askForEvents(curt);
    await isStuck();
    await areGone();
    expect(waitingBytes()).toBe(0);
    caller.destroy();
  });
});

type Found = (error: null, addresses: readonly dns.LookupAddress[]) => void;

describe("an answer", () => {
  const brief: Patience = { ...PATIENCE, answerMs: 300 };
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${API_KEY}\r\n\r\n`;

  test("that its caller has ceased to take is cut off, and nothing waits for it any more", async () => {
    const server = await startApi(api.database, { patience: brief });
    server.server.on("connection", (end) => ends.push(end));
    const caller = ask(server, get("/playground").repeat(100));
    await isStuck();
    await areGone();
    expect(waitingBytes()).toBe(0);
    caller.destroy();
    await server.close();
  });

  test("that takes longer to be made is waited for", async () => {
    const server = await startApi(api.database, { patience: brief });
    expect(await askWhileHeld(server, server.url)).toEqual({ data: { tokens: { totalCount: 2 } } });
    await server.close();
  });

  test("is so at each address of this machine's name", async () => {
    const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
    const lookup = dns.lookup as (...args: unknown[]) => void;
    const named = vi.spyOn(dns, "lookup").mockImplementation(((...args: [string, { all?: boolean }, Found]) => {
      const [name, options, tell] = args;
      if (name === "localhost" && options.all) tell(null, addresses);
      else lookup(...args);
    }) as never);
    const server = await startApi(api.database, { patience: brief, host: "localhost" });
    named.mockRestore();
    const url = server.url.replace("127.0.0.1", "127.0.0.2");
    expect(await askWhileHeld(server, url)).toEqual({ data: { tokens: { totalCount: 2 } } });
    await server.close();
  });

  /** Asks for what takes much longer to be read than an answer is waited for. */
  async function askWhileHeld({ dataSource }: TestApi, url: string): Promise<unknown> {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query("LOCK TABLE token IN ACCESS EXCLUSIVE MODE");
    const answer = fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ query: "{ tokens { totalCount } }" }),
    }).then(
      (response) => response.json(),
      (error: unknown) => error,
    );
    await sleep(4 * brief.answerMs);
    await runner.rollbackTransaction();
    await runner.release();
    return answer;
  }
});

import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTransport, type Transport } from "../../../src/sync/apple/request.js";
import { closeServer, listen, type SmallServer, startSmallServer } from "./small-server.js";

const LONG_MS = 600_000;
const SHORT_MS = 300;
const NO_HURRY = { connect: LONG_MS, headers: LONG_MS, body: LONG_MS };

let closers: (() => Promise<unknown>)[];

beforeEach(() => {
  closers = [];
});
afterEach(async () => {
  for (const closer of closers.reverse()) await closer();
});

function transport(timeouts: Partial<typeof NO_HURRY> = {}): Transport {
  const made = createTransport({ ...NO_HURRY, ...timeouts }, null);
  closers.push(made.close);
  return made;
}

async function smallServer(options: { tls?: boolean } = {}): Promise<SmallServer> {
  const server = await startSmallServer(options);
  closers.push(server.close);
  return server;
}

/** Takes connections, and says nothing. */
async function silentServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => void sockets.add(socket.on("error", () => socket.destroy())));
  closers.push(() => closeTcp(server, sockets));
  return listen(server as HttpServer);
}

async function closeTcp(server: Server, sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}

const get = (url: string) => ({ method: "GET", url, headers: {} }) as const;
const post = (url: string) => ({ method: "POST", url, headers: {}, body: "{}" }) as const;

describe("connections", () => {
  it("are kept for the next request", async () => {
    const server = await smallServer();
    const apple = transport();
    for (let at = 0; at < 50; at += 1) await apple.exchange(get(`${server.baseUrl}/service/config`));
    expect(server.seen).toHaveLength(50);
    // A second one is opened while the first is not back yet in the pool.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it("are sixteen at most, however much is asked at once", async () => {
    const server = await smallServer();
    const apple = transport();
    await Promise.all(Array.from({ length: 100 }, () => apple.exchange(get(`${server.baseUrl}/service/config`))));
    expect(server.seen).toHaveLength(100);
    expect(server.connections()).toBeLessThanOrEqual(16);
  });
});

describe("a time-out", () => {
  it("of its own ends a connection that does not come about, in which nothing was sent", async () => {
    const port = await silentServer();
    const refusal = transport({ connect: SHORT_MS }).exchange(post(`https://127.0.0.1:${port}/`));
    await expect(refusal).rejects.toMatchObject({
      kind: "retryable",
      maybeDone: false,
      message: expect.stringContaining("UND_ERR_CONNECT_TIMEOUT"),
    });
  });

  it("of its own ends the wait for an answer's head, after which a write may have been done", async () => {
    const port = await silentServer();
    const refusal = transport({ headers: SHORT_MS }).exchange(post(`http://127.0.0.1:${port}/`));
    await expect(refusal).rejects.toMatchObject({
      kind: "retryable",
      maybeDone: true,
      message: expect.stringContaining("UND_ERR_HEADERS_TIMEOUT"),
    });
  });

  it("of its own ends the wait for the rest of a body, after which a write may have been done", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
    });
    closers.push(() => closeServer(server));
    const refusal = transport({ body: SHORT_MS }).exchange(post(`http://127.0.0.1:${await listen(server)}/`));
    await expect(refusal).rejects.toMatchObject({
      kind: "retryable",
      maybeDone: true,
      message: expect.stringContaining("UND_ERR_BODY_TIMEOUT"),
    });
  });

  it("ends a body that trickles in without end", async () => {
    const server = createServer((_, response) => {
      const drip = setInterval(() => response.write(" "), SHORT_MS / 10);
      response.on("close", () => clearInterval(drip));
    });
    closers.push(() => closeServer(server));
    const refusal = transport({ body: SHORT_MS }).exchange(post(`http://127.0.0.1:${await listen(server)}/`));
    await expect(refusal).rejects.toMatchObject({
      kind: "retryable",
      maybeDone: true,
      message: expect.stringContaining("SlowBodyError"),
    });
  });

  it("of a read leaves nothing in doubt", async () => {
    const port = await silentServer();
    const refusal = transport({ headers: SHORT_MS }).exchange(get(`http://127.0.0.1:${port}/`));
    await expect(refusal).rejects.toMatchObject({ maybeDone: false });
  });
});

describe("a server's certificate", () => {
  it("is verified before anything is sent", async () => {
    const server = await smallServer({ tls: true });
    await expect(transport().exchange(post(`${server.baseUrl}/users/create`))).rejects.toMatchObject({
      kind: "retryable",
      maybeDone: false,
      message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
    });
    expect(server.connections()).toBe(1);
    expect(server.seen).toEqual([]);
  });
});

describe("a body", () => {
  const text = '{"name":"Größe \\/ 大小"}';

  it.each([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["br", brotliCompressSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate, gzip", gzipSync(deflateSync(text))],
    ["identity", Buffer.from(text)],
  ])("is read in the encoding %s", async (encoding, body) => {
    const server = await smallServer();
    server.answer("/", { body, headers: { "content-encoding": encoding } });
    expect(await transport().exchange(get(`${server.origin}/`))).toMatchObject({ status: 200, text });
  });

  it("is asked for in gzip", async () => {
    const server = await smallServer();
    await transport().exchange(get(`${server.origin}/`));
    expect(server.seen[0]?.headers["accept-encoding"]).toBe("gzip");
  });

  it.each([
    ["in an encoding nobody knows", "zebra", Buffer.from(text), "UnknownEncodingError"],
    ["that is damaged", "gzip", Buffer.from(text), "Z_DATA_ERROR"],
    ["that grows without end", "gzip", gzipSync(Buffer.alloc(33 * 1024 * 1024)), "ERR_BUFFER_TOO_LARGE"],
  ])("%s is a lost answer", async (_, encoding, body, code) => {
    const server = await smallServer();
    server.answer("/", { body, headers: { "content-encoding": encoding } });
    await expect(transport().exchange(post(`${server.origin}/`))).rejects.toMatchObject({
      kind: "retryable",
      maybeDone: true,
      message: expect.stringContaining(code),
    });
  });

  it("larger than any of Apple's is a lost answer", async () => {
    const server = await smallServer();
    server.answer("/", { body: Buffer.alloc(33 * 1024 * 1024, "x") });
    await expect(transport().exchange(get(`${server.origin}/`))).rejects.toMatchObject({ kind: "retryable" });
  });
});

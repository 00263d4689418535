import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGuardedFetch } from "../../../src/sync/targets/guarded-fetch.js";

let server: Server;
let host: string;
const asked: string[] = [];

/** Ten million bytes that travel as ten thousand; and as a few. */
const BOMB = gzipSync(Buffer.alloc(10_000_000));
const BOMBS = gzipSync(BOMB);

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/redirect") return void response.writeHead(302, { location: "/secret" }).end();
    if (request.url === "/nowhere") return void response.writeHead(302, { location: "http://[" }).end();
    if (request.url === "/bomb") return void response.writeHead(200, { "content-encoding": "gzip" }).end(BOMB);
    if (request.url === "/bombs") return void response.writeHead(200, { "content-encoding": "gzip, gzip" }).end(BOMBS);
    if (request.url === "/endless") return void response.write("x".repeat(2000));
    if (request.url === "/silent") return;
    if (request.url === "/empty") return void response.writeHead(204).end();
    request.pipe(response.writeHead(201, { "x-method": request.method ?? "" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function guarded(allowedHosts: readonly string[] | null = null) {
  return createGuardedFetch({ allowedHosts, maxResponseBytes: 1000, timeoutMs: 300 }).fetch;
}

test("a request goes out with its method and body, and its answer comes back", async () => {
  const answer = await guarded()(`http://${host}/echo`, { method: "PUT", body: "hello" });
  expect([answer.status, answer.headers.get("x-method"), await answer.text()]).toEqual([201, "PUT", "hello"]);
  expect((await guarded()(`http://${host}/empty`)).status).toBe(204);
});

test("a host that is not on the list is not asked", async () => {
  await expect(guarded(["mdm.example"])(`http://${host}/forbidden`)).rejects.toMatchObject({
    name: "PluginError",
    kind: "config",
  });
  expect(asked).not.toContain("/forbidden");
});

test("a host on the list is asked, with or without its port", async () => {
  expect((await guarded(["127.0.0.1"])(`http://${host}/`)).status).toBe(201);
  expect((await guarded([host])(`http://${host}/`)).status).toBe(201);
});

test("a refusal names the host as TARGET_HOSTS takes it, without port and brackets", async () => {
  const refusal = (address: string) => guarded([])(address).catch((error: Error) => error.message);
  expect(await refusal(`http://${host}/`)).toContain("The host 127.0.0.1 may not be reached");
  expect(await refusal("http://[::1]:9/")).toContain("The host ::1 may not be reached");
});

test("an IPv6 address on the list is reached, however it is written", async () => {
  const asking = (allowed: string) => guarded([allowed])("http://[::1]:9/");
  await expect(asking("::1")).rejects.toMatchObject({ kind: "transient" });
  await expect(asking("0:0:0:0:0:0:0:1")).rejects.toMatchObject({ kind: "transient" });
  await expect(asking("::2")).rejects.toMatchObject({ kind: "config" });
});

test("a link-local address is not reached, even where any host may be", async () => {
  const link = { kind: "config", message: expect.stringContaining("link-local") };
  for (const host of ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"]) {
    await expect(guarded()(`http://${host}/`)).rejects.toMatchObject(link);
  }
});

test("a body that nobody wants is not read, however long it is", async () => {
  const { fetch } = createGuardedFetch({ allowedHosts: null, maxResponseBytes: null, timeoutMs: 300 });
  const answer = await fetch(`http://${host}/endless`);
  expect([answer.status, answer.body]).toEqual([200, null]);
});

test("a scheme other than http and https is refused", async () => {
  await expect(guarded()("file:///etc/passwd")).rejects.toMatchObject({ kind: "config" });
  await expect(guarded()("data:text/plain,hello")).rejects.toMatchObject({ kind: "config" });
});

test("a redirect is not followed", async () => {
  await expect(guarded()(`http://${host}/redirect`)).rejects.toMatchObject({ kind: "config" });
  expect(asked).not.toContain("/secret");
  await expect(guarded()(`http://${host}/nowhere`)).rejects.toMatchObject({
    kind: "config",
    message: expect.stringContaining("redirects to another address"),
  });
});

test("an answer that is too long is given up", async () => {
  await expect(guarded()(`http://${host}/endless`)).rejects.toMatchObject({ kind: "rejected" });
});

test.each(["/bomb", "/bombs"])("an answer that is too long only when it is unpacked is given up: %s", async (path) => {
  await expect(guarded()(`http://${host}${path}`)).rejects.toMatchObject({ kind: "rejected" });
});

/** Writes the same again and again, until nobody listens. */
function repeat(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 10);
  socket.on("close", () => clearInterval(timer));
}

test.each([
  ["one line after the other without end", (socket: Socket) => repeat(socket, "x-more: 1\r\n")],
  ["more at once than anybody reads", (socket: Socket) => void socket.write("x-more: 1\r\n".repeat(100_000))],
  ["one that never ends", (socket: Socket) => repeat(socket, "xxxxxxxx")],
])("an answer whose headers have no end is given up: %s", async (_, send) => {
  const flooding = createSocketServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 OK\r\n");
    send(socket);
  });
  await new Promise<void>((resolve) => flooding.listen(0, "127.0.0.1", resolve));
  const { port } = flooding.address() as AddressInfo;
  await expect(guarded()(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ kind: "transient" });
  await new Promise((resolve) => flooding.close(resolve));
});

test("a product that does not answer in time or at all is away for the moment", async () => {
  await expect(guarded()(`http://${host}/silent`)).rejects.toMatchObject({ kind: "transient" });
  await expect(guarded()("http://127.0.0.1:9/")).rejects.toMatchObject({ kind: "transient" });
});

test("an address that is none, or a key that fits into no header, is the settings' fault", async () => {
  const fault = { kind: "config", message: expect.stringContaining("address or headers") };
  await expect(guarded()("not an address")).rejects.toMatchObject(fault);
  const headers = { authorization: "Bearer first\nsecond" };
  await expect(guarded()(`http://${host}/`, { headers })).rejects.toMatchObject(fault);
});

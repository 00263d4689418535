import { X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Relay, startRelay } from "../../conformance/relay.js";
import { createTools } from "../../conformance/tools.js";
import type { PluginError } from "../../src/plugins/contract.js";
import { makeCertificate, startTlsServer, type TestCertificate, type TlsServer } from "../support/tls-server.js";

/** Numbers its sockets, as a product does that knows a caller by the socket. */
const numbers = new WeakMap<Socket, number>();
let sockets = 0;

function answer({ socket }: IncomingMessage, response: ServerResponse): void {
  const number = numbers.get(socket) ?? ++sockets;
  numbers.set(socket, number);
  response.end(String(number));
}

let certificate: TestCertificate;
let product: TlsServer;
let relay: Relay;
beforeAll(async () => {
  certificate = await makeCertificate("mdm.example", { ip: "127.0.0.1" });
  product = await startTlsServer(certificate, answer);
  relay = await startRelay({ address: product.url, tls: certificate });
});
afterAll(async () => {
  await relay.die();
  await product.stop();
});

const calm = new AbortController().signal;
const fingerprint = () => new X509Certificate(certificate.cert).fingerprint256;

test("the kit shows the certificate of a product that speaks https", async () => {
  const tools = createTools(relay.address);
  for (const pin of [{ sha256: fingerprint() }, { authority: certificate.cert }]) {
    const response = await tools.openChannel({ certificate: pin }).fetch(`${relay.address}/`);
    expect(response.status).toBe(200);
  }
  expect(relay.requests.every(({ isOurs }) => isOurs)).toBe(true);
  await tools.close();
});

test("a plugin that pins another certificate is stopped before it says anything", async () => {
  const tools = createTools(relay.address);
  const before = relay.requests.length;
  const channel = tools.openChannel({ certificate: { sha256: "0".repeat(64) } });
  await expect(channel.fetch(`${relay.address}/`)).rejects.toMatchObject({ kind: "config" });
  await expect(tools.fetch(`${relay.address}/`)).rejects.toMatchObject({ kind: "transient" });
  expect(relay.requests).toHaveLength(before);
  await tools.close();
});

test("the requests of an exchange come to the product over one socket, those of another channel over another", async () => {
  const tools = createTools(relay.address);
  const talk = () => {
    const channel = tools.openChannel({ certificate: { sha256: fingerprint() } });
    return channel.exchange(calm, async (fetch) => {
      const answers = [];
      for (let count = 0; count < 3; count += 1) answers.push(await (await fetch(`${relay.address}/`)).text());
      return answers;
    });
  };
  const [one, other] = await Promise.all([talk(), talk()]);
  expect(new Set(one).size).toBe(1);
  expect(new Set(other).size).toBe(1);
  expect(one[0]).not.toBe(other[0]);
  await tools.close();
});

test("an exchange that has lost its socket gets no other one; the next exchange does", async () => {
  const tools = createTools(relay.address);
  const channel = tools.openChannel({ certificate: { sha256: fingerprint() } });
  const before = relay.requests.length;
  relay.fail({ kind: "lose" }, (number) => number === 1);
  const endings = await channel.exchange(calm, async (fetch) => {
    const told = [];
    for (let count = 0; count < 3; count += 1) {
      told.push(
        await fetch(`${relay.address}/`).then(
          ({ status }) => status,
          ({ kind }: PluginError) => kind,
        ),
      );
    }
    return told;
  });
  relay.fail(null);
  expect(endings).toEqual([200, "transient", "transient"]);
  expect(relay.requests).toHaveLength(before + 2);
  await expect(channel.exchange(calm, (fetch) => fetch(`${relay.address}/`))).resolves.toMatchObject({ status: 200 });
  await tools.close();
});

test("an exchange whose signal fires before its turn is not begun, and a request after its end is not made", async () => {
  const tools = createTools(relay.address);
  const channel = tools.openChannel({ certificate: { sha256: fingerprint() } });
  let end = () => {};
  const first = channel.exchange(calm, (fetch) => new Promise<typeof fetch>((resolve) => (end = () => resolve(fetch))));
  const late = channel.exchange(AbortSignal.timeout(5), async () => "begun");
  await expect(late).rejects.toMatchObject({ kind: "transient" });
  end();
  const fetch = await first;
  await expect(fetch(`${relay.address}/`)).rejects.toMatchObject({ kind: "internal" });
  await expect(channel.exchange(calm, async () => "begun")).resolves.toBe("begun");
  await tools.close();
});

test("a certificate is pinned for https alone", async () => {
  const plain = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  const tools = createTools(address);
  const channel = tools.openChannel({ certificate: { authority: certificate.cert } });
  await expect(channel.fetch(address)).rejects.toMatchObject({ kind: "config" });
  await tools.close();
  plain.close();
});

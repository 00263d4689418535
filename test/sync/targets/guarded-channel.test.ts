import { X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PinnedCertificate } from "../../../src/plugins/contract.js";
import { createGuardedChannel, type GuardedChannel } from "../../../src/sync/targets/guarded-channel.js";
import { makeCertificate, startTlsServer, type TestCertificate, type TlsServer } from "../../support/tls-server.js";

const CALM = new AbortController().signal;
const DAY_MS = 86_400_000;
const channels: GuardedChannel[] = [];
const servers: TlsServer[] = [];
let authority: TestCertificate;
let self: TestCertificate;
let server: TlsServer;
/** The remote port of each request, in order: requests with the same one came over one socket. */
const asked: { readonly path: string; readonly port: number | undefined }[] = [];

beforeAll(async () => {
  authority = await makeCertificate("Example Authority");
  self = await makeCertificate("mdm.example", { ip: "127.0.0.1" });
  server = await serve(self);
});
afterAll(async () => {
  await Promise.all(channels.map((one) => one.close()));
  await Promise.all(servers.map((one) => one.stop()));
});

async function serve(certificate: TestCertificate): Promise<TlsServer> {
  const started = await startTlsServer(certificate, (request, response) => {
    asked.push({ path: request.url ?? "", port: request.socket.remotePort });
    if (request.url === "/redirect") return void response.writeHead(302, { location: "/elsewhere" }).end();
    if (request.url === "/long") return void response.end("x".repeat(2000));
    if (request.url === "/last") return void response.writeHead(200, { connection: "close" }).end();
    setTimeout(() => response.end("hello"), request.url === "/slow" ? 100 : 0);
  });
  servers.push(started);
  return started;
}

function channel(certificate?: PinnedCertificate, allowedHosts: readonly string[] | null = null): GuardedChannel {
  const opened = createGuardedChannel({ allowedHosts, maxResponseBytes: 1000, timeoutMs: 5000, certificate });
  channels.push(opened);
  return opened;
}

const fingerprint = ({ cert }: TestCertificate) => new X509Certificate(cert).fingerprint256;
const answerOf = async (opened: GuardedChannel, url: string) => (await opened.fetch(url)).text();
const portsOf = (name: string) => new Set(asked.filter(({ path }) => path.startsWith(name)).map(({ port }) => port));

test("a certificate that nobody vouches for is the settings' fault, and nothing is sent", async () => {
  const fault = { name: "PluginError", kind: "config", message: expect.stringContaining("not trusted") };
  await expect(channel().fetch(`${server.url}/unknown`)).rejects.toMatchObject(fault);
  expect(asked).not.toContainEqual(expect.objectContaining({ path: "/unknown" }));
});

test("a server with the pinned fingerprint is reached, however the fingerprint is written", async () => {
  const pinned = fingerprint(self);
  expect(await answerOf(channel({ sha256: pinned }), server.url)).toBe("hello");
  expect(await answerOf(channel({ sha256: pinned.replaceAll(":", "").toLowerCase() }), server.url)).toBe("hello");
});

test("the fingerprint stands instead of chain, name and dates", async () => {
  const stranger = await makeCertificate("elsewhere.example", {
    ip: "192.0.2.1",
    issuer: authority,
    notAfterDate: new Date(Date.now() - DAY_MS),
  });
  const { url } = await serve(stranger);
  expect(await answerOf(channel({ sha256: fingerprint(stranger) }), url)).toBe("hello");
});

test("another certificate than the pinned one is refused before anything is sent, and shown", async () => {
  const other = await makeCertificate("mdm.example", { ip: "127.0.0.1" });
  const refusal = channel({ sha256: fingerprint(other) }).fetch(`${server.url}/mistaken`);
  const shown = fingerprint(self).replaceAll(":", "");
  await expect(refusal).rejects.toMatchObject({ kind: "config", message: expect.stringContaining(shown) });
  expect(asked).not.toContainEqual(expect.objectContaining({ path: "/mistaken" }));
});

test("a fingerprint is asked for on every socket", async () => {
  const changing = await serve(self);
  const opened = channel({ sha256: fingerprint(self) });
  expect((await opened.fetch(`${changing.url}/last`)).status).toBe(200);
  changing.change(await makeCertificate("mdm.example", { ip: "127.0.0.1" }));
  await expect(opened.fetch(`${changing.url}/last`)).rejects.toMatchObject({ kind: "config" });
});

test("a certificate of a pinned authority is trusted, in its own name and time only", async () => {
  const pinned = channel({ authority: authority.cert });
  const good = await serve(await makeCertificate("mdm.example", { ip: "127.0.0.1", issuer: authority }));
  expect(await answerOf(pinned, good.url)).toBe("hello");
  const named = await serve(await makeCertificate("mdm.example", { ip: "192.0.2.1", issuer: authority }));
  await expect(pinned.fetch(named.url)).rejects.toMatchObject({ kind: "config" });
  const notAfterDate = new Date(Date.now() - DAY_MS);
  const past = await serve(await makeCertificate("mdm.example", { ip: "127.0.0.1", issuer: authority, notAfterDate }));
  await expect(pinned.fetch(past.url)).rejects.toMatchObject({ kind: "config" });
  await expect(pinned.fetch(server.url)).rejects.toMatchObject({ kind: "config" });
});

test("a self-signed certificate may be its own authority, alone or among others", async () => {
  expect(await answerOf(channel({ authority: self.cert }), server.url)).toBe("hello");
  expect(await answerOf(channel({ authority: `${authority.cert}\n${self.cert}` }), server.url)).toBe("hello");
});

test("what is no certificate and no fingerprint is refused at once, without being shown", () => {
  const { key } = self;
  for (const pinned of [{ authority: key }, { authority: "" }, { sha256: "12:34" }, { sha256: "x".repeat(64) }]) {
    expect(() => channel(pinned)).toThrow(expect.objectContaining({ kind: "config" }));
  }
  expect(() => channel({ authority: key })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(key) }),
  );
});

test("with a pinned certificate nothing goes out unencrypted", async () => {
  const plain = createServer((_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  try {
    for (const pinned of [{ sha256: fingerprint(self) }, { authority: self.cert }]) {
      await expect(channel(pinned).fetch(url)).rejects.toMatchObject({ kind: "config" });
    }
    expect(await answerOf(channel(), url)).toBe("hello");
  } finally {
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
  }
});

test("a channel has the guards of every way out", async () => {
  const pinned = { sha256: fingerprint(self) };
  const overOne = (opened: GuardedChannel, url: string) => opened.exchange(CALM, (fetch) => fetch(url));
  for (const ask of [(opened: GuardedChannel, url: string) => opened.fetch(url), overOne]) {
    await expect(ask(channel(pinned, ["mdm.example"]), server.url)).rejects.toMatchObject({ kind: "config" });
    await expect(ask(channel(pinned), "https://169.254.169.254/")).rejects.toMatchObject({ kind: "config" });
    await expect(ask(channel(pinned), `${server.url}/redirect`)).rejects.toMatchObject({ kind: "config" });
    await expect(ask(channel(pinned), `${server.url}/long`)).rejects.toMatchObject({ kind: "rejected" });
  }
});

test("the requests of all exchanges go over one socket, each exchange's without another's in between", async () => {
  const opened = channel({ sha256: fingerprint(self) });
  await Promise.all(
    ["a", "b", "c"].map((name) =>
      opened.exchange(CALM, async (fetch) => {
        await (await fetch(`${server.url}/one-socket/${name}/slow`)).text();
        await (await fetch(`${server.url}/one-socket/${name}`)).text();
      }),
    ),
  );
  const paths = asked.map(({ path }) => path).filter((path) => path.startsWith("/one-socket/"));
  expect(paths).toEqual(["a", "b", "c"].flatMap((name) => [`/one-socket/${name}/slow`, `/one-socket/${name}`]));
  expect(portsOf("/one-socket/").size).toBe(1);
});

test("a request beside the exchanges goes over another socket", async () => {
  const opened = channel({ sha256: fingerprint(self) });
  await opened.exchange(CALM, async (fetch) => {
    await (await fetch(`${server.url}/beside/in`)).text();
    await (await opened.fetch(`${server.url}/beside/out`)).text();
  });
  expect(portsOf("/beside/").size).toBe(2);
});

test("a socket that is lost in the middle of an exchange fails its next request, and the next exchange has a new one", async () => {
  const opened = channel({ sha256: fingerprint(self) });
  const exchange = opened.exchange(CALM, async (fetch) => {
    await (await fetch(`${server.url}/last`)).text();
    return fetch(`${server.url}/after-the-last`);
  });
  await expect(exchange).rejects.toMatchObject({ kind: "transient" });
  expect(asked).not.toContainEqual(expect.objectContaining({ path: "/after-the-last" }));
  const later = opened.exchange(CALM, async (fetch) => (await fetch(`${server.url}/later`)).text());
  expect(await later).toBe("hello");
});

test("a socket that was lost between exchanges is replaced for the whole of the next one", async () => {
  const opened = channel({ sha256: fingerprint(self) });
  for (let time = 0; time < 3; time += 1) {
    await opened.exchange(CALM, async (fetch) => (await fetch(`${server.url}/last`)).text());
    await opened.exchange(CALM, async (fetch) => {
      for (const name of ["a", "b", "c"]) await (await fetch(`${server.url}/replaced/${time}/${name}`)).text();
    });
    expect(portsOf(`/replaced/${time}/`).size).toBe(1);
  }
});

test("an exchange that fails does not hold up the next one", async () => {
  const opened = channel({ sha256: fingerprint(self) });
  const failing = opened.exchange(CALM, async () => Promise.reject(new Error("no")));
  const next = opened.exchange(CALM, async (fetch) => (await fetch(server.url)).text());
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("hello");
});

test("an exchange whose time is over before its turn leaves the queue to the others", async () => {
  const opened = channel({ sha256: fingerprint(self) });
  let finish = () => {};
  const first = opened.exchange(CALM, () => new Promise<void>((resolve) => (finish = resolve)));
  const impatient = new AbortController();
  const given = opened.exchange(impatient.signal, async () => "made all the same");
  const patient = opened.exchange(CALM, async () => "made");
  impatient.abort();
  await expect(given).rejects.toMatchObject({ kind: "transient" });
  finish();
  await first;
  expect(await patient).toBe("made");
  await expect(opened.exchange(impatient.signal, async () => "late")).rejects.toMatchObject({ kind: "transient" });
});

test("a request after the end of its exchange is refused", async () => {
  const opened = channel({ sha256: fingerprint(self) });
  const kept = await opened.exchange(CALM, async (fetch) => fetch);
  await expect(kept(server.url)).rejects.toMatchObject({ kind: "internal" });
});

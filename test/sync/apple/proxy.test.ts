import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProxySettings } from "../../../src/sync/apple/dispatcher.js";
import { createTransport, type Transport } from "../../../src/sync/apple/request.js";
import { SELF_SIGNED } from "./self-signed.js";
import { type SmallProxy, startSmallProxy } from "./small-proxy.js";
import { type SmallServer, startSmallServer } from "./small-server.js";

const NOBODY = { http: null, https: null, noProxy: null };
const CHILD = fileURLToPath(new URL("reach-apple.ts", import.meta.url));

let plain: SmallServer;
let encrypted: SmallServer;
let proxy: SmallProxy;
let transports: Transport[];

beforeEach(async () => {
  [plain, encrypted, proxy] = await Promise.all([
    startSmallServer(),
    startSmallServer({ tls: true }),
    startSmallProxy(),
  ]);
  transports = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(transports.map((transport) => transport.close()));
  await Promise.all([plain.close(), encrypted.close(), proxy.close()]);
});

function through(settings: Partial<ProxySettings> | null, connect = 5_000): Transport {
  const timeouts = { connect, headers: 5_000, body: 5_000 };
  const made = createTransport(timeouts, settings && { ...NOBODY, ...settings });
  transports.push(made);
  return made;
}

/** The server under a name that only the proxy can resolve. */
const named = (server: SmallServer) => server.baseUrl.replace("127.0.0.1", "vpp.example.test");
const get = (url: string) => ({ method: "GET", url, headers: { authorization: "Bearer token" } }) as const;
const post = (url: string) => ({ method: "POST", url, headers: {}, body: "{}" }) as const;

describe("a proxy", () => {
  it("forwards what is asked of a server without TLS", async () => {
    const url = `${named(plain)}/service/config`;
    expect(await through({ http: proxy.url }).exchange(get(url))).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([`GET ${url}`]);
    expect(plain.seen).toHaveLength(1);
  });

  it("keeps its connections", async () => {
    const transport = through({ http: proxy.url });
    for (let at = 0; at < 20; at += 1) await transport.exchange(get(`${named(plain)}/service/config`));
    expect(plain.seen).toHaveLength(20);
    expect(proxy.connections()).toBeLessThanOrEqual(2);
  });

  it("tunnels TLS, whose certificate is verified inside: nothing is sent to a wrong server", async () => {
    const refusal = through({ https: proxy.url }).exchange(post(`${named(encrypted)}/users/create`));
    await expect(refusal).rejects.toMatchObject({
      kind: "retryable",
      maybeDone: false,
      message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
    });
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${new URL(named(encrypted)).host}`]));
    expect(encrypted.seen).toEqual([]);
  });

  it("does not see the token that goes through its tunnel to a server that NODE_EXTRA_CA_CERTS vouches for", async () => {
    const directory = await mkdtemp(join(tmpdir(), "allotment-proxy-"));
    const bundle = join(directory, "ca.pem");
    await writeFile(bundle, SELF_SIGNED.cert);
    const url = `${named(encrypted)}/service/config`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", CHILD, url, proxy.url], {
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: bundle },
    });
    expect(JSON.parse(stdout)).toMatchObject({ status: 200, text: expect.stringContaining("maxAssets") });
    expect(encrypted.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer token"]);
    expect(proxy.asked).toEqual([`CONNECT ${new URL(url).host}`]);
    expect(proxy.headers[0]?.authorization).toBeUndefined();
    await rm(directory, { recursive: true });
  });

  it("for http serves https, too, where that has none of its own", async () => {
    await expect(through({ http: proxy.url }).exchange(get(named(encrypted)))).rejects.toMatchObject({
      message: expect.stringContaining("SELF_SIGNED"),
    });
    expect(proxy.asked[0]).toMatch(/^CONNECT /);
  });

  it("is told the account of its address", async () => {
    const url = proxy.url.replace("//", "//user:p%40ss@");
    await through({ http: url }).exchange(get(`${named(plain)}/service/config`));
    expect(proxy.headers[0]?.["proxy-authorization"]).toBe(`Basic ${Buffer.from("user:p@ss").toString("base64")}`);
    expect(plain.seen[0]?.headers.authorization).toBe("Bearer token");
  });

  it.each(["vpp.example.test", ".example.test", "example.test", "other.test, *.example.test", "*"])(
    "is passed by for the hosts of NO_PROXY, written %s",
    async (noProxy) => {
      const refusal = through({ http: proxy.url, noProxy }).exchange(get(named(plain)));
      await expect(refusal).rejects.toMatchObject({ message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
      expect(proxy.asked).toEqual([]);
    },
  );

  it("is passed by for this machine", async () => {
    await through({ http: proxy.url }).exchange(get(`${plain.baseUrl}/service/config`));
    expect(proxy.asked).toEqual([]);
    expect(plain.seen).toHaveLength(1);
  });

  it("is used only when it is configured, whatever the environment of the process says", async () => {
    vi.stubEnv("HTTP_PROXY", proxy.url);
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    for (const transport of [through(null), through({ noProxy: "x.test" }), through({ https: "http://127.0.0.1:9" })]) {
      await expect(transport.exchange(get(named(plain)))).rejects.toMatchObject({
        message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
      });
    }
    expect(proxy.asked).toEqual([]);
  });

  it("that is not there has sent nothing, and its password is in no message", async () => {
    const refusal = through({ https: "http://user:hush@127.0.0.1:9" }).exchange(post(named(encrypted)));
    const error: unknown = await refusal.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: "retryable", maybeDone: false });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error as object))).not.toContain("hush");
  });

  it.each(["silent", "refusing"] as const)("that is %s ends the call", async (mode) => {
    const odd = await startSmallProxy(mode);
    await expect(through({ https: odd.url }, 300).exchange(get(named(encrypted)))).rejects.toMatchObject({
      kind: "retryable",
    });
    expect(odd.asked[0]).toMatch(/^CONNECT /);
    await odd.close();
  });

  it("that wants an account for what it forwards ends the call", async () => {
    const refusing = await startSmallProxy("refusing");
    const outcome: unknown = await through({ http: refusing.url })
      .exchange(get(named(plain)))
      .catch((caught: unknown) => caught);
    expect(outcome).toMatchObject({ kind: "retryable" });
    await refusing.close();
  });
});

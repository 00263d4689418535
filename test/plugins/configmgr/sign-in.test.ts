import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { configmgr } from "../../../src/plugins/configmgr/index.js";
import type { TargetConnection } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { type Scene, setScene, settingsFor } from "./scene.js";

let scene: Scene;
beforeEach(async () => {
  scene = await setScene({ devices: 2 });
});
afterEach(async () => {
  vi.doUnmock("kerberos");
  await scene.stop();
});

const check = (connection: TargetConnection) => connection.check(CALM);
const findings = async (connection: TargetConnection) => (await check(connection)).findings.map(({ code }) => code);
const ntlm = (fields: object) => ({ ...scene.simulator.account, ...fields });
const entra = (fields: object = {}) => ({
  url: scene.simulator.gatewayUrl,
  signIn: "entra",
  ...scene.simulator.clientApp,
  authorityUrl: scene.simulator.entraUrl,
  ...fields,
});
const answers = () => scene.simulator.site.requests.entries.map(({ answer }) => answer);
const sockets = () => new Set(scene.simulator.site.requests.entries.map(({ socket }) => socket));

/** The fields that do not fit. */
function problemsOf(settings: object): string[] {
  const parsed = configmgr.settings.strict().safeParse({ ...settingsFor(scene.simulator), ...settings });
  return (parsed.error?.issues ?? []).map(({ path }) => path.join("."));
}

/** The package, which is not installed here, as far as it is used. */
function mockKerberos(
  initializeClient: (service: string) => Promise<{ step(challenge: string): Promise<string> }>,
): void {
  vi.doMock("kerberos", () => ({ default: { GSS_MECH_OID_SPNEGO: 6, initializeClient } }));
}

test.each(["both", "ntlm", "negotiate"] as const)("NTLM works where the schemes offered are %s", async (schemes) => {
  await scene.control("/switches", { schemes });
  expect((await check(scene.connection)).ok).toBe(true);
});

test("a socket is authenticated once, and all that follows goes over it without another handshake", async () => {
  await check(scene.connection);
  expect(answers().filter((answer) => answer === 401)).toHaveLength(2);
  expect(sockets().size).toBe(1);
});

test("calls at the same time do not disturb each other's handshakes", async () => {
  await scene.control("/switches", { authPersists: false });
  const results = await Promise.all(Array.from({ length: 4 }, () => check(scene.connection)));
  expect(results.map(({ ok }) => ok)).toEqual([true, true, true, true]);
});

test("a server that closes the socket of its first refusal gets the handshake over another one", async () => {
  await scene.control("/switches", { challengeCloses: true });
  expect((await check(scene.connection)).ok).toBe(true);
});

test("a socket that is lost between calls is replaced by another, authenticated anew", async () => {
  await check(scene.connection);
  await scene.control("/close-sockets");
  expect((await check(scene.connection)).ok).toBe(true);
  expect(sockets().size).toBe(2);
});

test("a wrong password, user or domain is the settings' fault, and the password is not shown", async () => {
  for (const fields of [{ password: "Wrong-password-1" }, { user: "nobody" }, { domain: "ELSEWHERE" }]) {
    const refused = check(await scene.connect(ntlm(fields)));
    await expect(refused).rejects.toMatchObject({ kind: "config", message: expect.not.stringContaining("Wrong") });
  }
});

test("a server that offers no Windows sign-in is told from one that refuses it", async () => {
  const connection = await scene.connect({ ...ntlm({}), url: scene.simulator.gatewayUrl });
  await expect(check(connection)).rejects.toMatchObject({ kind: "config", message: expect.stringContaining("offer") });
});

test("the server's certificate must be the pinned one", async () => {
  expect((await check(scene.connection)).ok).toBe(true);
  await scene.control("/renew-certificate");
  await expect(check(scene.connection)).rejects.toMatchObject({ kind: "config" });
  expect((await check(await scene.connect())).ok).toBe(true);
});

test("a certificate may be pinned by its authority, but not in both ways", async () => {
  const { authority, fingerprint } = scene.simulator.certificate();
  const pinned = await scene.connect({ certificateSha256: null, certificateAuthority: authority });
  expect((await check(pinned)).ok).toBe(true);
  expect(problemsOf({ certificateSha256: fingerprint, certificateAuthority: authority })).toEqual([
    "certificateAuthority",
  ]);
  const neither = await scene.connect({ certificateSha256: null });
  await expect(check(neither)).rejects.toMatchObject({ kind: "config", message: expect.stringContaining("trusted") });
});

test("through the gateway a token of Entra's is asked for once and used while it is good", async () => {
  const connection = await scene.connect(entra());
  expect((await check(connection)).ok).toBe(true);
  expect((await check(connection)).ok).toBe(true);
  expect(answers()).not.toContain(401);
});

test("a token that is withdrawn is replaced with the next call", async () => {
  const connection = await scene.connect(entra());
  await check(connection);
  await scene.control("/expire-tokens");
  await expect(check(connection)).rejects.toMatchObject({ kind: "transient" });
  expect((await check(connection)).ok).toBe(true);
});

test("a token that has come to its end is replaced before it is used", async () => {
  await scene.control("/switches", { tokenLifetimeMs: 60_000 });
  const connection = await scene.connect(entra());
  await check(connection);
  await scene.control("/expire-tokens");
  expect((await check(connection)).ok).toBe(true);
});

test("a wrong secret, client or resource is told with Entra's code, and the secret is not shown", async () => {
  const wrong = [
    [{ clientSecret: "wrong-secret" }, "AADSTS7000215"],
    [{ clientId: "00000000-0000-4000-8000-000000000000" }, "AADSTS700016"],
    [{ resource: "api://somebody/else" }, "AADSTS70011"],
  ] as const;
  for (const [fields, vendorCode] of wrong) {
    const error = await check(await scene.connect(entra(fields))).catch((reason) => reason);
    expect([error.kind, error.options.vendorCode]).toEqual(["config", vendorCode]);
    expect(error.message).not.toContain("wrong-secret");
  }
});

test("what a way of signing in needs is asked for by its field, and what it does not need is not", () => {
  expect(problemsOf({ user: null, password: null })).toEqual(["user", "password"]);
  expect(problemsOf({ signIn: "kerberos", user: null, password: null })).toEqual([]);
  expect(problemsOf({ signIn: "entra" })).toEqual(["tenantId", "clientId", "clientSecret", "resource"]);
});

test("an address without encryption is refused, unless it is this machine's", () => {
  expect(problemsOf({ url: "http://site.example" })).toEqual(["url"]);
  expect(problemsOf({ url: "http://127.0.0.1:5011" })).toEqual([]);
  expect(problemsOf({ url: "nonsense" })).toContain("url");
  expect(problemsOf({ ...entra(), authorityUrl: "http://login.example" })).toEqual(["authorityUrl"]);
});

test("without the package for Kerberos a sentence says what to install", async () => {
  const refused = scene.connect({ signIn: "kerberos" });
  await expect(refused).rejects.toMatchObject({
    kind: "config",
    message: expect.stringContaining("npm install kerberos"),
  });
});

test("with the package each request brings a ticket for the server's name", async () => {
  await scene.control("/switches", { kerberos: true });
  const asked: string[] = [];
  mockKerberos(async (service) => {
    asked.push(service);
    return { step: async () => Buffer.from("kerberos:svc-allotment").toString("base64") };
  });
  const connection = await scene.connect({ signIn: "kerberos" });
  expect((await check(connection)).ok).toBe(true);
  expect(new Set(asked)).toEqual(new Set(["HTTP@127.0.0.1"]));
});

test("a machine without a ticket is the settings' fault", async () => {
  mockKerberos(async () => ({ step: () => Promise.reject(new Error("No credentials cache found")) }));
  const connection = await scene.connect({ signIn: "kerberos" });
  await expect(check(connection)).rejects.toMatchObject({ kind: "config", message: expect.stringContaining("ticket") });
});

test("the check says that this is legacy, that APNs is not reported, and what that means", async () => {
  const result = await check(scene.connection);
  expect(result).toMatchObject({ ok: true, apns: { state: "not-reported", expiresAt: null } });
  expect(await findings(scene.connection)).toEqual(["LEGACY_PRODUCT", "APNS_NOT_REPORTED"]);
});

test("a class that the account may not read is found, and installs cannot work", async () => {
  await scene.control("/forbid", { class: "SMS_ApplicationAssignment" });
  const result = await check(scene.connection);
  expect(result.ok).toBe(false);
  expect(result.findings).toContainEqual(
    expect.objectContaining({
      code: "PERMISSION_MISSING",
      message: expect.stringContaining("SMS_ApplicationAssignment"),
    }),
  );
});

test("what the account may not write is told with the class, when it is tried", async () => {
  await scene.control("/forbid", { class: "SMS_Application", method: "POST" });
  const [device = ""] = scene.devices;
  const refused = scene.connection.apply([scene.step(device)], CALM);
  await expect(refused).rejects.toMatchObject({ kind: "config", message: expect.stringContaining("SMS_Application") });
});

test("a limiting collection that is none of devices, and a missing inventory, are found", async () => {
  expect(await findings(await scene.connect({ limitingCollectionId: "SMS00002" }))).toContain(
    "LIMITING_COLLECTION_MISSING",
  );
  expect(await findings(await scene.connect({ limitingCollectionId: "P01FFFFF" }))).toContain(
    "LIMITING_COLLECTION_MISSING",
  );
  await scene.control("/fail-next", { class: "SMS_G_System_DEVICE_COMPUTERSYSTEM", status: 404 });
  expect(await findings(scene.connection)).toContain("NO_MOBILE_INVENTORY");
});

test("old counts in the console are pointed out with their time", async () => {
  const [device = ""] = scene.devices;
  await scene.connection.apply([scene.step(device)], CALM);
  expect(await findings(scene.connection)).not.toContain("SUMMARY_STALE");
  const later = () => new Date(Date.now() + 7_200_000);
  const tomorrow = await scene.connect({}, { now: later });
  const { findings: found } = await tomorrow.check(CALM);
  expect(found.find(({ code }) => code === "SUMMARY_STALE")?.message).toMatch(/as of \d{4}-\d\d-\d\dT/);
});

test.each([
  [{ status: 503 }, "transient", 2000],
  [{ status: 429 }, "transient", 2000],
  [{ status: 500 }, "transient", undefined],
  [{ mode: "truncate" }, "transient", undefined],
  [{ mode: "drop" }, "transient", undefined],
  [{ status: 409 }, "rejected", undefined],
])("a failure %o is %s", async (failure, kind, retryAfterMs) => {
  await check(scene.connection);
  await scene.control("/fail-next", failure);
  const error = await check(scene.connection).catch((reason) => reason);
  expect([error.kind, error.options.retryAfterMs]).toEqual([kind, retryAfterMs]);
});

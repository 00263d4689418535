import { expect, test } from "vitest";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { startMdmTarget } from "./mdm-target.js";

const codes = (findings: readonly { code: string }[] | undefined) => findings?.map(({ code }) => code);

/** A target that knows the topic of the push certificate. */
async function startWithTopic(topic?: string) {
  // The same seed has the same topic.
  const { simulator } = await startMdmTarget({ seed: 5 });
  return startMdmTarget({ seed: 5 }, { pushTopic: topic ?? simulator.world.pushCertificate?.topic });
}

test("the push certificate's expiry is told where its topic is in the settings", async () => {
  const target = await startWithTopic();
  await target.control("/push-certificate", { notAfter: "2031-02-03T04:05:06Z" });
  expect(await target.connection.check(CALM)).toEqual({
    ok: true,
    apns: { state: "valid", expiresAt: new Date("2031-02-03T04:05:06Z") },
    findings: [{ severity: "info", code: "SERVER_VERSION", message: "NanoMDM v0.9.0 answers." }],
  });
});

test("with one that has expired installs cannot work", async () => {
  const target = await startWithTopic();
  await target.control("/push-certificate", { notAfter: "2020-01-01T00:00:00Z" });
  expect(await target.connection.check(CALM)).toMatchObject({ ok: false, apns: { state: "expired" } });
});

test("without one of that topic, neither", async () => {
  const target = await startWithTopic("com.apple.mgmt.External.other");
  const result = await target.connection.check(CALM);
  expect(result).toMatchObject({ ok: false, apns: { state: "missing", expiresAt: null } });
  expect(codes(result.findings)).toEqual(["SERVER_VERSION", "PUSH_CERTIFICATE_MISSING"]);
});

test("without the topic in the settings, that is what is told", async () => {
  const { connection } = await startMdmTarget();
  const result = await connection.check(CALM);
  expect(result).toMatchObject({ ok: true, apns: { state: "not-reported" } });
  expect(codes(result.findings)).toEqual(["SERVER_VERSION", "PUSH_TOPIC_NOT_SET"]);
});

test("a release without the call is known by its answer, and nothing is uploaded to it", async () => {
  const target = await startWithTopic();
  await target.control("/switches", { pushcertCall: "none" });
  const result = await target.connection.check(CALM);
  expect(result).toMatchObject({ ok: true, apns: { state: "not-reported" } });
  expect(codes(result.findings)).toEqual(["SERVER_VERSION", "PUSH_CERTIFICATE_UNKNOWN"]);
  expect(target.simulator.world.requests.entries.every(({ body }) => body === "")).toBe(true);
});

test("MicroMDM does not tell, which is said", async () => {
  const { connection } = await startMdmTarget({ flavour: "micromdm" });
  const result = await connection.check(CALM);
  expect(result).toMatchObject({ ok: true, apns: { state: "not-reported" } });
  expect(codes(result.findings)).toEqual(["SERVER_VERSION", "PUSH_CERTIFICATE_UNKNOWN"]);
});

test("a server that hides its version works all the same", async () => {
  const { connection, control } = await startMdmTarget();
  await control("/fail-next", { path: "/version", status: 404 });
  expect(codes((await connection.check(CALM)).findings)).toContain("VERSION_UNKNOWN");
});

test.each(["nanomdm", "micromdm"] as const)(
  "wrong keys, addresses and outages of %s are told apart",
  async (flavour) => {
    const { connection, control, simulator } = await startMdmTarget({ flavour });
    const path = flavour === "nanomdm" ? "/v1/pushcert" : "/v1/devices";
    await control("/fail-next", { path, status: 404 });
    await expect(connection.check(CALM)).rejects.toMatchObject({
      kind: "config",
      message: expect.stringContaining("address"),
    });
    await control("/fail-next", { path, status: 502 });
    await expect(connection.check(CALM)).rejects.toMatchObject({ kind: "transient" });
    await control("/fail-next", { path, mode: "drop" });
    await expect(connection.check(CALM)).rejects.toMatchObject({ kind: "transient" });
    await control("/api-key", { apiKey: "another" });
    const refused = await connection.check(CALM).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: "config" });
    expect(String(refused)).not.toContain(simulator.apiKey);
  },
);

import { generate } from "selfsigned";
import { expect, test } from "vitest";
import { PluginError } from "../../../src/plugins/contract.js";
import { intune } from "../../../src/plugins/intune/index.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { listAll, startTenant } from "./tenant.js";

const SECRET = "simulated-secret-1";

async function makeCertificate(): Promise<{ cert: string; private: string }> {
  return generate([{ name: "commonName", value: "allotment" }], { keySize: 2048, algorithm: "sha256" });
}

async function errorOf(work: Promise<unknown>): Promise<PluginError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PluginError)) throw new Error(`No PluginError: ${error}`);
  return error;
}

test("a client secret opens the tenant, and one sign-in serves many calls", async () => {
  const { connection, requests } = await startTenant();
  await connection.check(CALM);
  await listAll(connection, "user");
  const signIns = requests().filter(({ path }) => path.endsWith("/oauth2/v2.0/token"));
  expect(signIns).toHaveLength(1);
  expect(signIns[0]?.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
  expect(signIns[0]?.body).toMatchObject({ grant_type: "client_credentials", client_secret: "(hidden)" });
});

test.each(["PS256", "RS256"] as const)(
  "a certificate opens it as well, by an assertion signed with %s",
  async (algorithm) => {
    const { cert, private: privateKey } = await makeCertificate();
    const tenant = await startTenant({ certificates: [cert] });
    const clientCertificate = { certificate: cert, privateKey, algorithm };
    const connection = await tenant.connect({ clientSecret: undefined, clientCertificate });
    expect((await connection.check(CALM)).ok).toBe(true);
    const [signIn] = tenant.requests().filter(({ path }) => path.endsWith("/oauth2/v2.0/token"));
    expect(signIn?.body).toMatchObject({
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: "(hidden)",
    });
  },
);

test("a certificate that the app registration does not know is the settings' fault", async () => {
  const { cert, private: privateKey } = await makeCertificate();
  const tenant = await startTenant();
  const connection = await tenant.connect({
    clientSecret: undefined,
    clientCertificate: { certificate: cert, privateKey },
  });
  const error = await errorOf(connection.check(CALM));
  expect(error).toMatchObject({ kind: "config", options: { vendorCode: "AADSTS700027" } });
  expect(error.message).not.toContain(privateKey.slice(40, 80));
});

test("a key that is none is refused at once, and not told", async () => {
  const tenant = await startTenant();
  const clientCertificate = {
    certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    privateKey: "hush-hush",
  };
  const error = await errorOf(tenant.connect({ clientSecret: undefined, clientCertificate }));
  expect(error.kind).toBe("config");
  expect(error.message).not.toContain("hush-hush");
});

test.each([
  ["neither a secret nor a certificate", { clientSecret: undefined }],
  ["both", { clientCertificate: { certificate: "-----BEGIN CERTIFICATE-----", privateKey: "key" } }],
])("%s is refused", async (_, settings) => {
  const tenant = await startTenant();
  expect(await errorOf(tenant.connect(settings))).toMatchObject({ kind: "config" });
});

test.each([
  ["a wrong secret", { clientSecret: "wrong-secret-value" }, "AADSTS7000215"],
  ["an unknown client", { clientId: "20000000-0000-4000-8000-00000000ffff" }, "AADSTS700016"],
  ["an unknown tenant", { tenantId: "nowhere.example" }, "AADSTS90002"],
])("%s is the settings' fault, told by the service's code", async (_, settings, vendorCode) => {
  const tenant = await startTenant();
  const error = await errorOf((await tenant.connect(settings)).check(CALM));
  expect(error).toMatchObject({ kind: "config", options: { vendorCode } });
  expect(error.message).not.toContain("wrong-secret-value");
});

test("what a login service repeats of the secret is not told", async () => {
  const tenant = await startTenant();
  await tenant.control("/fail-next", {
    path: "/token",
    status: 401,
    code: `echo ${SECRET}`,
    message: `echo ${SECRET}`,
  });
  expect((await errorOf(tenant.connection.check(CALM))).message).not.toContain(SECRET);
});

test("what Graph repeats of the secret is not told", async () => {
  const tenant = await startTenant();
  const echo = { status: 400, code: SECRET, message: `echo ${SECRET}` };
  await tenant.control("/fail-next", { path: "/v1.0/users", ...echo });
  const error = await errorOf(listAll(tenant.connection, "user"));
  expect(JSON.stringify([error.message, error.options])).not.toContain(SECRET);
  expect(error.message).toContain("(hidden)");
});

test.each([429, 503])("a login service that answers %i is worth another try", async (status) => {
  const tenant = await startTenant();
  await tenant.control("/fail-next", { path: "/token", status, retryAfter: 7 });
  expect(await errorOf(tenant.connection.check(CALM))).toMatchObject({
    kind: "transient",
    options: { retryAfterMs: 7000 },
  });
});

test("a token that was revoked before its time is replaced, and the call goes through", async () => {
  const { connection, control, requests } = await startTenant();
  await listAll(connection, "user");
  await control("/expire-access-tokens");
  expect(await listAll(connection, "user")).toHaveLength(5);
  expect(requests().filter(({ answer }) => answer === 401)).toHaveLength(1);
});

test("a token is replaced before it ends", async () => {
  const { connect, requests } = await startTenant();
  let now = new Date();
  const connection = await connect({}, { now: () => now });
  await listAll(connection, "user");
  now = new Date(now.getTime() + 3_550_000);
  await listAll(connection, "user");
  expect(requests().filter(({ path }) => path.endsWith("/token"))).toHaveLength(2);
  expect(requests().filter(({ answer }) => answer === 401)).toHaveLength(0);
});

test("a tenant where no token is ever good is the settings' fault", async () => {
  const tenant = await startTenant();
  await tenant.control("/fail-next", {
    path: "/v1.0/users",
    count: 2,
    status: 401,
    code: "InvalidAuthenticationToken",
  });
  expect(await errorOf(listAll(tenant.connection, "user"))).toMatchObject({ kind: "config" });
});

test("the settings that are secret are marked, and those of other clouds can be set", () => {
  const shape = JSON.parse(JSON.stringify(intune.settings.shape.clientSecret.unwrap().meta()));
  expect(shape).toMatchObject({ secret: true });
  expect(intune.settings.shape.clientCertificate.unwrap().shape.privateKey.meta()).toMatchObject({ secret: true });
  const parsed = intune.settings.parse({
    tenantId: "contoso.example",
    clientId: "20000000-0000-4000-8000-000000000001",
    clientSecret: "s",
    graphUrl: "https://graph.microsoft.us/",
    loginUrl: "https://login.microsoftonline.us/",
  });
  expect(parsed).toMatchObject({ graphUrl: "https://graph.microsoft.us", api: "beta", groupPrefix: "allotment" });
});

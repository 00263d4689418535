import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeGlobalId } from "../../src/entities/global-id.js";
import { plugins } from "../../src/plugins/index.js";
import { rows } from "../../src/queries/sql.js";
import { type ApiClient, type ApiError, createApiClient } from "../support/api-client.js";
import { atRest } from "../support/at-rest.js";
import { controlApple, postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { countRows } from "../support/row-counts.js";
import { startTestService, type TestService } from "../support/service.js";
import { healthBecomes, runEnds } from "./health.js";
import { addTarget, addToken, apps, collectionNamed, deploy, importHolders } from "./story.js";

const ADD_TOKEN = `mutation ($file: String!) { addToken(input: { file: $file, name: "Refused" }) { token { id } } }`;
const ADD_TARGET = "mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id } } }";
const CREATE_DEPLOYMENT =
  "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }";
const GOOD_FIELDS = { token: "bm9ib2R5J3MgdG9rZW4=", expDate: "2099-01-01T00:00:00+0000", orgName: "Example" };

/** Asks for what must be refused, and sees to it that no row was written and nothing was asked of Apple to be changed. */
async function refusedWithoutTrace(
  service: TestService,
  operation: string,
  variables: Record<string, unknown> = {},
  api: ApiClient = service.api,
): Promise<ApiError> {
  const trace = async () => ({
    rows: await countRows(service.database.dataSource),
    posts: postsTo(service.apple).length,
  });
  await atRest(service.database.dataSource);
  const before = await trace();
  const error = await api.refused(operation, variables);
  expect(await trace()).toEqual(before);
  return error;
}

function fileOf(content: unknown): string {
  return Buffer.from(JSON.stringify(content)).toString("base64");
}

describe("a token file", () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
    service.apple.addLocation({ name: "Revoked" });
    service.apple.addLocation({ name: "Expired" });
    service.apple.addLocation({ name: "School", platform: "volumestore" });
    await controlApple(service.apple, "/revoke-token", { location: "Revoked" });
    await controlApple(service.apple, "/expire-token", { location: "Expired" });
  });
  afterAll(() => service.stop());

  /** The file of a location as it is downloaded at Apple. */
  function fileOfLocation(name: string): string {
    const location = service.apple.world.locations.find(({ identity }) => identity.name === name);
    return location?.token.text ?? "";
  }

  it.each([
    ["is empty", " \n", "EMPTY"],
    ["is not base64", "This is no token!", "NOT_BASE64"],
    ["is not JSON", Buffer.from("not a token, either").toString("base64"), "NOT_JSON"],
    ["lacks its token", fileOf({ ...GOOD_FIELDS, token: undefined }), "FIELDS_MISSING"],
    ["lacks its expiry date", fileOf({ ...GOOD_FIELDS, expDate: undefined }), "FIELDS_MISSING"],
    ["lacks its organisation", fileOf({ ...GOOD_FIELDS, orgName: undefined }), "FIELDS_MISSING"],
  ])("that %s is refused, with the advice to download it again", async (_, file, problem) => {
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TOKEN, { file });
    expect(extensions).toMatchObject({ code: "INVALID_INPUT", retryable: false, details: { field: "file", problem } });
    expect(message).toContain("Download the content token again");
  });

  it.each([
    [
      "has expired by its own date",
      () => fileOf({ ...GOOD_FIELDS, expDate: "2001-01-01T00:00:00+0000" }),
      "TOKEN_EXPIRED",
    ],
    ["has expired by Apple's word", () => fileOfLocation("Expired"), "TOKEN_EXPIRED"],
    ["Apple does not know", () => fileOf(GOOD_FIELDS), "TOKEN_INVALID"],
    ["Apple has revoked", () => fileOfLocation("Revoked"), "TOKEN_REVOKED"],
  ])("that %s is refused, with the advice to get a new one", async (_, file, code) => {
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TOKEN, { file: file() });
    expect(extensions).toMatchObject({ code, retryable: false });
    expect(message).toMatch(/[Dd]ownload/);
  });

  it("of Apple School Manager is refused unless the configuration allows it", async () => {
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TOKEN, { file: fileOfLocation("School") });
    expect(extensions).toMatchObject({ code: "PRECONDITION_FAILED", details: { platform: "EDUCATION" } });
    expect(message).toContain("ALLOW_EDUCATION");
  });

  it("that was refused leaves no count of its requests, either", async () => {
    await refusedWithoutTrace(service, ADD_TOKEN, { file: fileOf(GOOD_FIELDS) });
    await eventually(async () => {
      const counted = await rows(service.database.dataSource, "SELECT key FROM rate_limit");
      return counted.length === 0 ? true : null;
    });
  });

  it.each([
    ["without a key", null, "Authorization"],
    ["with a wrong key", "test-admin-key-9876543210", "not one of this installation"],
  ])("%s is refused before it is looked at", async (_, key, words) => {
    const api = createApiClient(service.url, key);
    const requests = service.apple.world.requests.entries.length;
    const { message, extensions } = await refusedWithoutTrace(
      service,
      ADD_TOKEN,
      { file: service.apple.tokenFile },
      api,
    );
    expect(extensions).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(message).toContain(words);
    expect(service.apple.world.requests.entries).toHaveLength(requests);
  });
});

describe("beside a token at work", () => {
  let service: TestService;
  let token: string;
  let target: string;
  let users: string;
  let byAdamId: Map<string, string>;

  beforeAll(async () => {
    service = await startTestService({ apple: { apps: 10, licenses: 100 } });
    const { api } = service;
    target = await addTarget(api, "mock", { world: "bad-input", users: 2, devices: 0, userless: 0 });
    token = await addToken(api, service.apple.tokenFile);
    await importHolders(api, target);
    users = await collectionNamed(api, "All users");
    byAdamId = new Map((await apps(api, token)).map((app) => [app.adamId, app.id]));
    await jobsAreDone(service);
  });
  afterAll(() => service.stop());

  const app = (adamId = "6440000001") => byAdamId.get(adamId) ?? "";

  it("the same file is refused, with the token it became", async () => {
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TOKEN, { file: service.apple.tokenFile });
    expect(extensions).toMatchObject({ code: "CONFLICT", details: { token: "Head office" } });
    expect(message).toContain("Synchronise that token instead");
  });

  it("a newer file of its location is refused: it is for renewToken, with the token's id", async () => {
    await controlApple(service.apple, "/switches", { renewalRevokes: "later", renewalRevokesAfterMs: 3_600_000 });
    await controlApple(service.apple, "/renew-token");
    const file = service.apple.world.locations[0]?.token.text;
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TOKEN, { file });
    expect(extensions).toMatchObject({ code: "CONFLICT", details: { token: "Head office", tokenId: token } });
    expect(message).toContain("renewToken");
  });

  it.each([
    ["a contact whose address is none", { contacts: [{ name: "Ann", email: "ann" }] }, "contacts"],
    ["an empty name", { name: " " }, "name"],
    ["an empty label", { categories: [""] }, "categories"],
  ])("words about it with %s are refused", async (_, words, field) => {
    const update = "mutation ($input: UpdateTokenInput!) { updateToken(input: $input) { token { id } } }";
    const { extensions } = await refusedWithoutTrace(service, update, { input: { token, ...words } });
    expect(extensions).toMatchObject({ code: "INVALID_INPUT", details: { field } });
  });

  it("a second token is refused while TOKEN_LIMIT is 1", async () => {
    const file = service.apple.addLocation({ name: "Second" }).token.text;
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TOKEN, { file });
    expect(extensions).toMatchObject({ code: "TOKEN_LIMIT_REACHED", details: { limit: 1 } });
    expect(message).toContain("Raise TOKEN_LIMIT");
  });

  it("a plugin that does not exist is refused, with those that do", async () => {
    const known = plugins.map(({ name }) => name).sort();
    const input = { plugin: "jamf", name: "No such", settings: {} };
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TARGET, { input });
    expect(extensions).toMatchObject({ code: "NOT_FOUND", details: { plugin: "jamf", known } });
    expect(message).toContain(`Known are: ${known.join(", ")}`);
  });

  it.each([
    ["a value out of bounds", { users: -1 }, "users"],
    ["a value of another kind", { apns: "perhaps" }, "apns"],
    ["a name that the plugin does not know", { usrs: 3 }, "usrs"],
  ])("settings with %s are refused, with the place of the mistake", async (_, settings, place) => {
    const input = { plugin: "mock", name: "Bad settings", settings };
    const { message, extensions } = await refusedWithoutTrace(service, ADD_TARGET, { input });
    expect(extensions).toMatchObject({ code: "INVALID_INPUT", details: { plugin: "mock" } });
    expect(message).toContain(place);
  });

  it("a deployment for people to choose is refused, since licences are claimed for each device", async () => {
    const input = { storeApp: app(), collection: users, target, purpose: "AVAILABLE" };
    const { message, extensions } = await refusedWithoutTrace(service, CREATE_DEPLOYMENT, { input });
    expect(extensions).toMatchObject({ code: "PRECONDITION_FAILED", details: { purpose: "AVAILABLE" } });
    expect(message).toContain("REQUIRED");
  });

  it("a book is not deployed", async () => {
    const { storeApps } = await service.api.ask<{ storeApps: { nodes: { id: string }[] } }>(
      "query { storeApps(first: 1, filter: { productType: BOOK }) { nodes { id } } }",
    );
    const input = { storeApp: storeApps.nodes[0]?.id, collection: users, target };
    const { message, extensions } = await refusedWithoutTrace(service, CREATE_DEPLOYMENT, { input });
    expect(extensions).toMatchObject({ code: "PRECONDITION_FAILED" });
    expect(message).toContain("book");
  });

  it("licences for devices are refused where the app's developer does not allow them", async () => {
    const input = { storeApp: app("6430000002"), collection: users, target, licensing: "DEVICE" };
    const { message, extensions } = await refusedWithoutTrace(service, CREATE_DEPLOYMENT, { input });
    expect(extensions).toMatchObject({ code: "PRECONDITION_FAILED", details: { licensing: "DEVICE" } });
    expect(message).toContain("licensing USER");
  });

  it.each(["missing", "expired"])("nothing is deployed through an MDM whose push certificate is %s", async (apns) => {
    const deaf = await addTarget(service.api, "mock", { world: apns, apns }, `Without push: ${apns}`);
    const input = { storeApp: app(), collection: users, target: deaf };
    const { message, extensions } = await refusedWithoutTrace(service, CREATE_DEPLOYMENT, { input });
    expect(extensions).toMatchObject({ code: "PRECONDITION_FAILED", details: { apnsState: apns.toUpperCase() } });
    expect(message).toContain("checkTarget");
  });

  it("a second deployment of the same app to the same place is refused, with the first one's id", async () => {
    const storeApp = app("6440000002");
    const first = await deploy(service.api, { storeApp, collection: users, target });
    await jobsAreDone(service);
    const input = { storeApp, collection: users, target, action: "UNINSTALL" };
    const { message, extensions } = await refusedWithoutTrace(service, CREATE_DEPLOYMENT, { input });
    expect(extensions).toMatchObject({ code: "CONFLICT", details: { deploymentId: first, action: "INSTALL" } });
    expect(message).toContain("changeDeploymentAction");
  });

  it("an idempotency key opens one request only", async () => {
    const create = `mutation ($name: String!) {
      createCollection(input: { name: $name, kind: USER, idempotencyKey: "make-it" }) { collection { id } } }`;
    const first = await service.api.ask(create, { name: "Made once" });
    expect(await service.api.ask(create, { name: "Made once" })).toEqual(first);

    const other = await refusedWithoutTrace(service, create, { name: "Made twice" });
    const suspend = `mutation { importHolders(input: { target: "${target}", idempotencyKey: "make-it" }) { target { id } } }`;
    const another = await refusedWithoutTrace(service, suspend);
    for (const { message, extensions } of [other, another]) {
      expect(extensions).toMatchObject({ code: "CONFLICT", details: { mutation: "createCollection" } });
      expect(message).toContain("Use a new key");
    }
  });

  const gone = {
    token: encodeGlobalId("Token", randomUUID()),
    target: encodeGlobalId("Target", randomUUID()),
    collection: encodeGlobalId("Collection", randomUUID()),
    storeApp: encodeGlobalId("StoreApp", randomUUID(), "1"),
    deployment: encodeGlobalId("Deployment", randomUUID(), "1"),
    installation: encodeGlobalId("Installation", randomUUID(), "1"),
  };
  const known = () => ({ storeApp: app(), collection: users, target });

  it.each([
    ["updateToken", "token", () => ({ token: gone.token, name: "New" })],
    ["renewToken", "token", () => ({ token: gone.token, file: service.apple.tokenFile })],
    ["removeToken", "token", () => ({ token: gone.token, licenses: "LEAVE" })],
    ["suspendToken", "token", () => ({ token: gone.token })],
    ["resumeToken", "token", () => ({ token: gone.token })],
    ["syncToken", "token", () => ({ token: gone.token })],
    ["updateTarget", "target", () => ({ target: gone.target, name: "New" })],
    ["removeTarget", "target", () => ({ target: gone.target })],
    ["checkTarget", "target", () => ({ target: gone.target })],
    ["importHolders", "target", () => ({ target: gone.target })],
    ["updateCollection", "collection", () => ({ collection: gone.collection, name: "New" })],
    ["deleteCollection", "collection", () => ({ collection: gone.collection })],
    ["addCollectionMembers", "collection", () => ({ collection: gone.collection })],
    ["removeCollectionMembers", "collection", () => ({ collection: gone.collection })],
    ["createApplication", "storeApp", () => ({ target, storeApp: gone.storeApp })],
    ["createApplication", "target", () => ({ storeApp: app(), target: gone.target })],
    ["createDeployment", "storeApp", () => ({ ...known(), storeApp: gone.storeApp })],
    ["createDeployment", "collection", () => ({ ...known(), collection: gone.collection })],
    ["createDeployment", "target", () => ({ ...known(), target: gone.target })],
    ["changeDeploymentAction", "deployment", () => ({ deployment: gone.deployment, action: "UNINSTALL" })],
    ["retryInstallation", "installation", () => ({ installation: gone.installation })],
  ])("%s refuses an unknown %s, and an id that is none", async (mutation, field, makeInput) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const operation = `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
    for (const input of [makeInput(), { ...makeInput(), [field]: "bm9uZQ" }]) {
      const { message, extensions } = await refusedWithoutTrace(service, operation, { input });
      expect(extensions).toMatchObject({ code: "NOT_FOUND", retryable: false });
      expect(message).toMatch(/Use an id that/);
    }
  });
});

describe("a location that another MDM has claimed", () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
    await controlApple(service.apple, "/take-over", { id: "other-mdm", name: "Other MDM", metadata: "" });
  });
  afterAll(() => service.stop());

  it("is read and never written: its token says so, and a deployment is refused", async () => {
    const { api, apple } = service;
    const { addToken: added } = await api.ask<{ addToken: { token: { id: string }; syncRun: { id: string } } }>(
      `mutation ($file: String!) { addToken(input: { file: $file, name: "Claimed" }) { token { id } syncRun { id } } }`,
      { file: apple.tokenFile },
    );
    expect(await healthBecomes(api, added.token.id, "CLAIMED_ELSEWHERE")).toMatchObject({
      evidence: expect.stringContaining("Other MDM"),
      remedy: expect.stringContaining("takeOverToken"),
    });
    expect(await runEnds(api, added.syncRun.id)).toBe("SUCCEEDED");

    const [app] = await apps(api, added.token.id);
    const target = await addTarget(api, "mock", { world: "claimed", users: 1, devices: 1, userless: 0 });
    await importHolders(api, target);
    const collection = await collectionNamed(api, "All users");
    await jobsAreDone(service);
    const input = { storeApp: app?.id, collection, target };
    const { message, extensions } = await refusedWithoutTrace(service, CREATE_DEPLOYMENT, { input });
    expect(extensions).toMatchObject({ code: "TOKEN_CLAIMED_ELSEWHERE" });
    expect(message).toContain("takeOverToken");
    expect(postsTo(apple)).toEqual([]);
    expect(apple.world.locations[0]?.mdmInfo?.id).toBe("other-mdm");
  });
});

/** Waits until nothing is under way, so that what is counted afterwards comes of what is asked afterwards. */
function jobsAreDone(service: TestService): Promise<true> {
  return eventually(async () => {
    const jobs = await rows(
      service.database.dataSource,
      "SELECT 1 FROM graphile_worker.jobs WHERE task_identifier <> 'sweep'",
    );
    return jobs.length === 0 ? true : null;
  });
}

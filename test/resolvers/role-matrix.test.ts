import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
  isUnionType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessRuleOf } from "../../src/entities/allow.js";
import { AppleUserStatus } from "../../src/entities/apple-user.js";
import { InstallationReason, InstallationState } from "../../src/entities/installation.js";
import { resolvers } from "../../src/resolvers/index.js";
import { buildSchema } from "../../src/schema/build-schema.js";
import { type CreatedKey, createKey } from "../http/create-key.js";
import { minimalInput } from "../http/minimal-input.js";
import { SampleRows } from "../http/sample-rows.js";
import { type Answer, startApi, type TestApi } from "../http/start-api.js";
import { subscribe } from "../http/subscriber.js";
import { countRows } from "../support/row-counts.js";

const ROLES = ["VIEWER", "OPERATOR", "ADMIN"] as const;
type Role = (typeof ROLES)[number];

/** What is written here is decided, and not taken from the code: what is not named takes OPERATOR to change, VIEWER to read. */
const TAKES_ADMIN = [
  ...["addToken", "updateToken", "renewToken", "removeToken", "takeOverToken", "suspendToken", "resumeToken"],
  ...["addTarget", "updateTarget", "removeTarget"],
  ...["addWebhookEndpoint", "removeWebhookEndpoint", "testWebhookEndpoint", "webhookEndpoints"],
  ...["createApiKey", "revokeApiKey", "apiKeys", "auditEvents"],
  ...["setTokenTeams", "setTargetTeams", "setCollectionTeams", "purgeEndedLicenses"],
];
const FOR_ALL_TEAMS = [
  ...["addWebhookEndpoint", "removeWebhookEndpoint", "testWebhookEndpoint", "webhookEndpoints"],
  ...["createApiKey", "revokeApiKey", "apiKeys", "auditEvents"],
  ...["setTokenTeams", "setTargetTeams", "setCollectionTeams", "plugin", "plugins", "purgeEndedLicenses"],
];
const MUTATIONS = [
  ...["abandonAppleOperation", "addCollectionMembers", "addTarget", "addToken", "addWebhookEndpoint", "assignLicenses"],
  ...[
    "cancelSyncRun",
    "changeDeploymentAction",
    "checkTarget",
    "createApiKey",
    "createApplication",
    "createCollection",
  ],
  ...[
    "createDeployment",
    "deleteCollection",
    "deleteDeployment",
    "importHolders",
    "planDeployment",
    "purgeEndedLicenses",
  ],
  ...[
    "reclaimLicenses",
    "releaseReservation",
    "removeAlertRule",
    "removeCollectionMembers",
    "removeTarget",
    "removeToken",
  ],
  ...["removeWebhookEndpoint", "renewToken", "repairDrift", "reserveLicenses", "resumeToken", "retryAppleOperation"],
  ...[
    "retryInstallation",
    "revokeApiKey",
    "setAlertRule",
    "setNeverReclaim",
    "setTokenTeams",
    "setTargetTeams",
    "setCollectionTeams",
    "suspendToken",
    "syncToken",
    "takeOverToken",
  ],
  ...["testWebhookEndpoint", "updateCollection", "updateDeployment", "updateTarget", "updateToken"],
];

const SUBSCRIPTIONS = [
  ...["alertsChanged", "deploymentChanged", "licenseEvents", "storeAppChanged", "syncRunChanged", "tokenHealthChanged"],
];

const schema = buildSchema(resolvers);
const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.values(type?.getFields() ?? {});
const mutations = fieldsOf(schema.getMutationType());
const queries = fieldsOf(schema.getQueryType());
const subscriptions = fieldsOf(schema.getSubscriptionType());

let api: TestApi;
const keys = new Map<string, CreatedKey>();
beforeAll(async () => {
  api = await startApi();
  for (const role of ROLES) {
    keys.set(role, await createKey(api, { role }));
    keys.set(`${role} of a team`, await createKey(api, { role, teams: ["some team"] }));
  }
});
afterAll(() => api.close());

/** Asks for a field, with the least that it takes, and for the least that it answers. */
function operationFor(kind: "query" | "mutation" | "subscription", field: GraphQLField<unknown, unknown>) {
  const variables = Object.fromEntries(field.args.map(({ name, type }) => [name, minimalInput(type)]));
  const declared = field.args.map(({ name, type }) => `$${name}: ${type}`).join(", ");
  const given = field.args.map(({ name }) => `${name}: $${name}`).join(", ");
  const list = field.args.length === 0 ? ["", ""] : [`(${declared})`, `(${given})`];
  return { text: `${kind} ${list[0]} { ${field.name}${list[1]} ${leastSelection(field)} }`, variables };
}

function request(
  kind: "query" | "mutation" | "subscription",
  field: GraphQLField<unknown, unknown>,
  caller: string | null,
): Promise<Answer> {
  const { text, variables } = operationFor(kind, field);
  return api.ask(text, variables, caller === null ? {} : (keys.get(caller)?.headers ?? {}));
}

/** Whether a caller is refused a subscription: it is told something else, be it that what it asks for is not there. */
async function refusesToTell(field: GraphQLField<unknown, unknown>, caller: string): Promise<boolean> {
  const { text, variables } = operationFor("subscription", field);
  const subscriber = subscribe(api.url, text, variables, keys.get(caller)?.key);
  try {
    await subscriber.next();
    return false;
  } catch (error) {
    const [, code] = /"code":"([A-Z_]+)"/.exec(String(error)) ?? [];
    if (code === undefined) throw error;
    return ["FORBIDDEN", "UNAUTHENTICATED"].includes(code);
  } finally {
    await subscriber.stop();
  }
}

function leastSelection({ type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return "";
  const leaf =
    isObjectType(named) && !isUnionType(named) && "totalCount" in named.getFields() ? "totalCount" : "__typename";
  return `{ ${leaf} }`;
}

const codesOf = ({ errors }: Answer) => errors.map(({ extensions }) => extensions.code);
const refuses = (answer: Answer) => codesOf(answer).some((code) => ["FORBIDDEN", "UNAUTHENTICATED"].includes(code));
const rolesBelow = (role: Role) => ROLES.slice(0, ROLES.indexOf(role));

test("the mutations and subscriptions that are decided on here are all that there are", () => {
  expect(mutations.map(({ name }) => name).sort()).toEqual([...MUTATIONS].sort());
  expect(subscriptions.map(({ name }) => name).sort()).toEqual([...SUBSCRIPTIONS].sort());
});

describe.each(mutations.map((field) => [field.name, field] as const))("%s", (name, field) => {
  const takes = TAKES_ADMIN.includes(name) ? "ADMIN" : "OPERATOR";

  test("is refused without a key, and by every role below the one it takes, and writes nothing then", async () => {
    const before = await countRows(api.dataSource);
    expect(await request("mutation", field, null)).toMatchObject({ status: 401, data: null });
    for (const role of rolesBelow(takes)) {
      const answer = await request("mutation", field, role);
      expect(answer).toMatchObject({
        data: null,
        errors: [{ extensions: { code: "FORBIDDEN", details: { role: takes } } }],
      });
    }
    if (FOR_ALL_TEAMS.includes(name)) {
      const answer = await request("mutation", field, `${takes} of a team`);
      expect(answer).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN", details: { allTeams: true } } }] });
    }
    expect(await countRows(api.dataSource)).toEqual(before);
  });

  test("is open to the role it takes", async () => {
    for (const role of ROLES.slice(ROLES.indexOf(takes)))
      expect(refuses(await request("mutation", field, role))).toBe(false);
  });
});

describe.each(queries.map((field) => [field.name, field] as const))("%s", (name, field) => {
  const takes = TAKES_ADMIN.includes(name) ? "ADMIN" : "VIEWER";

  test("is open to the role it takes, and to nobody below", async () => {
    expect(await request("query", field, null)).toMatchObject({ status: 401, data: null });
    for (const role of ROLES) {
      expect([role, refuses(await request("query", field, role))]).toEqual([role, rolesBelow(takes).includes(role)]);
    }
    expect(refuses(await request("query", field, `${takes} of a team`))).toBe(FOR_ALL_TEAMS.includes(name));
  });
});

describe.each(subscriptions.map((field) => [field.name, field] as const))("the subscription %s", (name, field) => {
  const takes = TAKES_ADMIN.includes(name) ? "ADMIN" : "VIEWER";

  test("is open to the role it takes, and to nobody below", async () => {
    const rows = new SampleRows(api.dataSource);
    const token = await rows.token({ teams: ["some team"] });
    // What has no arguments tells of something that is there.
    await rows.mismatch(await rows.storeApp(token), { tokenId: token.id });
    expect(await request("subscription", field, null)).toMatchObject({ status: 401, data: null });
    for (const role of ROLES) {
      expect([role, await refusesToTell(field, role)]).toEqual([role, rolesBelow(takes).includes(role)]);
    }
    expect(await refusesToTell(field, `${takes} of a team`)).toBe(FOR_ALL_TEAMS.includes(name));
  });
});

describe("a field that not every VIEWER may see", () => {
  const guarded = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !["Query", "Mutation", "Subscription"].includes(type.name))
    .flatMap((type) => fieldsOf(type as GraphQLObjectType).map((field) => ({ type: type.name, field })))
    .filter(({ field }) => accessRuleOf(field) !== null)
    .map(({ type, field }) => `${type}.${field.name}`);

  test("is one of those that are decided on here", () => {
    expect(guarded.sort()).toEqual([
      ...["AppleUser.invitationUrl", "Installation.invitationUrl"],
      ...["Target.secretSettings", "Target.settings", "Target.webhookUrl"],
    ]);
  });

  test.each(["settings", "secretSettings", "webhookUrl"])("is FORBIDDEN below ADMIN: Target.%s", async (name) => {
    const target = await new SampleRows(api.dataSource).target({ secrets: null });
    const asked = (role: Role) =>
      api.ask(`query ($id: ID!) { target(id: $id) { ${name} } }`, { id: target.globalId }, keys.get(role)?.headers);
    for (const role of rolesBelow("ADMIN")) {
      expect(await asked(role)).toMatchObject({
        errors: [{ path: ["target", name], extensions: { code: "FORBIDDEN" } }],
      });
    }
    expect((await asked("ADMIN")).errors).toEqual([]);
  });
});

describe("the link of an invitation, by which an Apple Account is linked,", () => {
  test("is FORBIDDEN below OPERATOR, and stands in no explanation and no alert", async () => {
    const rows = new SampleRows(api.dataSource);
    const token = await rows.token();
    const user = await rows.user({});
    const invitationUrl = "https://apple.example.com/the-invitation";
    await rows.appleUser(token, { userId: user.id, status: AppleUserStatus.REGISTERED, invitationUrl });
    const app = await rows.storeApp(token);
    const deployment = await rows.deployment(app, await rows.target(), await rows.collection());
    const installation = await rows.installation(deployment, {
      userId: user.id,
      state: InstallationState.WAITING_FOR_USER,
      reason: InstallationReason.INVITATION_OPEN,
    });
    const asked = (role: Role, query: string) => api.ask(query, { id: installation.globalId }, keys.get(role)?.headers);
    const links = "query ($id: ID!) { installation(id: $id) { invitationUrl user { appleUsers { invitationUrl } } } }";
    expect((await asked("OPERATOR", links)).data).toEqual({
      installation: { invitationUrl, user: { appleUsers: [{ invitationUrl }] } },
    });
    expect(await asked("VIEWER", links)).toMatchObject({
      data: { installation: { invitationUrl: null, user: { appleUsers: [{ invitationUrl: null }] } } },
      errors: [{ extensions: { code: "FORBIDDEN" } }, { extensions: { code: "FORBIDDEN" } }],
    });
    const why = "query ($id: ID!) { explainInstallation(installation: $id) { chain { cause evidence nextAction } } }";
    const explained = JSON.stringify(await asked("VIEWER", why));
    expect(explained).toContain("INVITATION_OPEN");
    expect(explained).not.toContain(invitationUrl);
  });
});

describe("an object of the whole installation", () => {
  test("is as if it were not there for who may not list its kind", async () => {
    const id = keys.get("VIEWER")?.id;
    const found = (caller: string) =>
      api.ask("query ($id: ID!) { node(id: $id) { id } }", { id }, keys.get(caller)?.headers);
    expect((await found("ADMIN")).data).toEqual({ node: { id } });
    for (const caller of ["VIEWER", "OPERATOR", "ADMIN of a team"]) {
      expect(await found(caller)).toMatchObject({ data: { node: null }, errors: [] });
    }
  });
});

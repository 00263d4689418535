import { getNamedType, isInputObjectType, isRequiredArgument } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Node } from "../../../src/entities/node.js";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import { type CreatedKey, createKey } from "../../http/create-key.js";
import { minimalInput } from "../../http/minimal-input.js";
import { WITHOUT_LIMITS } from "../../http/start-api.js";
import { countRows } from "../../support/row-counts.js";
import { type SampleApi, startSampleApi } from "../sample-api.js";
import { type PlantedTeam, plantTeam } from "./plant-team.js";
import { wholeSelection } from "./whole-selection.js";

const schema = buildSchema(resolvers);
const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
const GLOBAL = ["apiKeys", "auditEvents", "plugins", "webhookEndpoints"];
/** They show what is wrong, and nothing is in this world, or need to be told of whom. */
const lists = queries.filter(({ name, args }) => !GLOBAL.includes(name) && !args.some(isRequiredArgument));

let api: SampleApi;
let red: PlantedTeam;
let blue: PlantedTeam;
let key: CreatedKey;
beforeAll(async () => {
  api = await startSampleApi(WITHOUT_LIMITS);
  red = await plantTeam(api, "RedTeam");
  blue = await plantTeam(api, "BlueTeam");
  key = await createKey(api, { role: "ADMIN", teams: [red.name], name: "of the first team" });
});
afterAll(() => api.close());

const ask = (query: string, variables: Record<string, unknown> = {}) => api.ask(query, variables, key.headers);
/** By which anything of a team is known: its name in any spelling, and the ids of all that is its. */
const traces = ({ name, objects }: PlantedTeam) => [
  ...[name, name.toLowerCase(), name.toUpperCase()],
  ...Object.values(objects).flatMap((object) => [object.globalId]),
];
const found = (answer: unknown, team: PlantedTeam) =>
  traces(team).filter((trace) => JSON.stringify(answer).includes(trace));

describe("who is limited to a team sees nothing of another", () => {
  test.each(lists.map((field) => [field.name, field] as const))(
    "in %s and whatever hangs on it",
    async (name, field) => {
      const { data, errors } = await ask(`{ ${name} ${wholeSelection(field.type, name === "licenseReport" ? 3 : 4)} }`);
      if (name === "explainInstallation")
        return expect(errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
      expect(errors).toEqual([]);
      expect(found(data, blue)).toEqual([]);
    },
  );

  test("and sees all that is its own", async () => {
    const selections = lists
      .filter(({ name }) => name !== "explainInstallation")
      .map((field) => `${field.name} ${wholeSelection(field.type, 1)}`);
    const { data } = await ask(`{ ${selections.join("\n")} }`);
    const seen = JSON.stringify(data);
    const missing = Object.entries(red.objects).filter(([, object]) => !seen.includes(object.globalId));
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test("by id: as if it were not there", async () => {
    for (const [name, object] of Object.entries(blue.objects)) {
      expect([name, (await ask("query ($id: ID!) { node(id: $id) { id } }", { id: object.globalId })).data]).toEqual([
        name,
        { node: null },
      ]);
    }
    const ids = Object.values(red.objects).map(({ globalId }) => globalId);
    const { data } = await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids });
    expect(data).toEqual({ nodes: ids.map((id) => ({ id })) });
  });

  test.each(queries.filter(({ args }) => args.length === 1 && args[0]?.name === "id").map(({ name }) => name))(
    "by %s(id:): NOT_FOUND",
    async (name) => {
      const object = blue.objects[name];
      if (name === "node" || !object) return;
      const answer = await ask(`query ($id: ID!) { ${name}(id: $id) { id } }`, { id: object.globalId });
      expect(answer).toMatchObject({ data: { [name]: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
    },
  );

  test("by a report, a history or an explanation that names another's", async () => {
    const { storeApp, token, installation } = blue.objects;
    const asked = [
      ["query ($id: ID!) { licenseReport(token: $id) { totals { apps } } }", token],
      ['query ($id: ID!) { licenseHistory(storeApp: $id, from: "2030-01-01T00:00:00Z") { day } }', storeApp],
      ["query ($id: ID!) { explainInstallation(installation: $id) { chain { cause } } }", installation],
      [`query ($id: ID!) { explainInstallation(storeApp: $id, serialNumber: "x") { chain { cause } } }`, storeApp],
    ] as const;
    for (const [query, object] of asked) {
      expect(await ask(query, { id: object?.globalId })).toMatchObject({
        errors: [{ extensions: { code: "NOT_FOUND" } }],
      });
    }
  });

  test("by asking why another's device has no app of theirs", async () => {
    const query = `query ($id: ID!, $serial: String) { explainInstallation(storeApp: $id, serialNumber: $serial) {
      chain { cause evidence nextAction } } }`;
    const { data } = await ask(query, { id: red.objects.storeApp?.globalId, serial: blue.serial });
    const nobody = await ask(query, { id: red.objects.storeApp?.globalId, serial: "NOBODYS" });
    const words = (answer: unknown, serial: string) => JSON.stringify(answer).replaceAll(serial, "…");
    expect(words(data, blue.serial)).toBe(words(nobody.data, "NOBODYS"));
  });

  test("by counting", async () => {
    const { data } = await ask(
      "{ licenseReport { totals { apps bought } } devices { totalCount } tokens { totalCount } }",
    );
    expect(data).toEqual({
      licenseReport: { totals: { apps: 1, bought: 10 } },
      devices: { totalCount: 1 },
      tokens: { totalCount: 1 },
    });
  });
});

/** Whose ids an input asks for, where that is not its field's own name. */
const ASKED: Readonly<Record<string, string>> = { devices: "device", users: "user", licenses: "license" };

describe("a mutation that names what is another team's", () => {
  const naming = mutations.flatMap((field) => {
    const type = getNamedType(field.args[0]?.type);
    const fields = isInputObjectType(type) ? Object.values(type.getFields()) : [];
    return fields
      .filter((input) => String(getNamedType(input.type)) === "ID" && objectFor(input.name))
      .map((input) => [field.name, input.name, field] as const);
  });

  test("are nearly all that there are", () => {
    expect(new Set(naming.map(([name]) => name)).size).toBeGreaterThan(30);
  });

  test.each(naming)("is NOT_FOUND, and writes nothing: %s by its %s", async (name, input, field) => {
    const [argument] = field.args;
    if (!argument) throw new Error("A mutation has an input");
    const id = input === "ids" ? blue.drift : objectOf(blue, input).globalId;
    const isList = String(getInputType(argument.type, input)).includes("[");
    const minimal = minimalInput(argument.type) as Record<string, unknown>;
    const variables = { input: { ...minimal, [input]: isList ? [id] : id } };
    const before = await countRows(api.dataSource);
    const answer = await ask(
      `mutation ($input: ${argument.type}) { ${name}(input: $input) { __typename } }`,
      variables,
    );
    expect(answer).toMatchObject({
      data: null,
      errors: [{ extensions: { code: expect.stringMatching(/NOT_FOUND|FORBIDDEN/) } }],
    });
    expect(await countRows(api.dataSource)).toEqual(before);
    const [error] = answer.errors;
    if (error?.extensions.code === "FORBIDDEN") expect(error.extensions.details).toMatchObject({ allTeams: true });
  });

  test("is no mutation about it, even where it is not looked for", async () => {
    const { token } = blue.objects;
    await ask("mutation ($input: SuspendTokenInput!) { suspendToken(input: $input) { __typename } }", {
      input: { token: token?.globalId },
    });
    const [{ health_state: health }] = await api.dataSource.query("SELECT health_state FROM token WHERE id = $1", [
      token?.id,
    ]);
    expect(health).toBe("ACTIVE");
  });
});

function objectFor(input: string): string | null {
  const name = ASKED[input] ?? input;
  return name === "ids" || red?.objects[name] !== undefined || KNOWN.includes(name) ? name : null;
}

/** What is planted, for the names of tests, which are made before anything is planted. */
const KNOWN = [
  ...["token", "storeApp", "target", "user", "device", "collection", "license", "deployment", "installation"],
  ...["reservation", "syncRun", "appleOperation", "alertRule"],
];

function objectOf(team: PlantedTeam, input: string): Node {
  const object = team.objects[ASKED[input] ?? input];
  if (!object) throw new Error(`Nothing is planted for ${input}`);
  return object;
}

function getInputType(type: Parameters<typeof minimalInput>[0], name: string) {
  const named = getNamedType(type);
  return isInputObjectType(named) ? named.getFields()[name]?.type : undefined;
}

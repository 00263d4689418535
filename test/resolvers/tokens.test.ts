import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TokenAuthority, TokenHealthState, TokenPlatform } from "../../src/entities/token.js";
import { SampleRows } from "../http/sample-rows.js";
import { startApi, type TestApi } from "../http/start-api.js";

let api: TestApi;
const ann = { name: "Ann", email: "ann@example.com" };
const bob = { name: "Bob", email: "bob@example.com" };

beforeAll(async () => {
  api = await startApi();
  const rows = new SampleRows(api.dataSource);
  const health = { state: TokenHealthState.REVOKED, cause: null, evidence: null, remedy: null, since: new Date() };
  await rows.token({ name: "Head office", description: "For 100% of all", categories: ["north", "own_apps"] });
  await rows.token({ name: "School", platform: TokenPlatform.EDUCATION, contacts: [ann, bob], health });
  await rows.token({ name: "Shops", categories: ["north"], contacts: [ann], expiresAt: new Date("2030-05-01") });
  const target = await rows.target();
  await rows.token({
    name: "Theirs",
    authority: TokenAuthority.TARGET,
    secret: null,
    fingerprint: null,
    targetId: target.id,
    externalId: "1",
    removingAt: null,
  });
});
afterAll(() => api.close());

async function names(filter: Record<string, unknown>): Promise<string[]> {
  const { errors, data } = await api.ask(
    "query ($filter: TokenFilter) { tokens(filter: $filter, orderBy: { field: NAME, direction: ASC }) { nodes { name } } }",
    { filter },
  );
  expect(errors).toEqual([]);
  return (data as { tokens: { nodes: { name: string }[] } }).tokens.nodes.map(({ name }) => name);
}

describe("tokens are found", () => {
  test.each([
    ["a part of the name, whatever the case", { search: "head OFF" }, ["Head office"]],
    ["a part of the description", { search: "100% of" }, ["Head office"]],
    ["a part of a label", { search: "orth" }, ["Head office", "Shops"]],
    ["a percent sign that is meant as one", { search: "%" }, ["Head office"]],
    ["an underscore that is meant as one", { search: "own_apps" }, ["Head office"]],
    ["an underscore that stands for nothing else", { search: "n_rth" }, []],
    ["a whole label", { category: "north" }, ["Head office", "Shops"]],
    ["a part of a label as a whole one", { category: "nor" }, []],
    ["a state of health", { healthState: ["REVOKED", "EXPIRED"] }, ["School"]],
    ["a platform", { platform: "EDUCATION" }, ["School"]],
    ["an end before a moment", { expiresBefore: "2030-05-02T00:00:00Z" }, ["Shops"]],
    ["an end that comes later", { expiresBefore: "2030-05-01T00:00:00Z" }, []],
    ["all of several", { search: "s", category: "north", platform: "BUSINESS" }, ["Head office", "Shops"]],
  ])("by %s", async (_, filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });
});

test("a token says when it has fewer than two contacts, unless an MDM owns it", async () => {
  const { data } = await api.ask(
    "query { tokens(orderBy: { field: NAME, direction: ASC }) { nodes { name contacts { name email } warnings } } }",
  );
  expect(data).toMatchObject({
    tokens: {
      nodes: [
        { name: "Head office", contacts: [], warnings: [expect.stringContaining("has 0")] },
        { name: "School", contacts: [ann, bob], warnings: [] },
        { name: "Shops", contacts: [ann], warnings: [expect.stringMatching(/updateToken.*has 1/)] },
        { name: "Theirs", warnings: [] },
      ],
    },
  });
});

test("a token tells when it is read next, and none that is not read", async () => {
  const { data } = await api.ask(
    "query { tokens(orderBy: { field: NAME, direction: ASC }) { nodes { name nextSyncAt } } }",
  );
  expect(data).toMatchObject({
    tokens: {
      nodes: [
        { name: "Head office", nextSyncAt: expect.stringMatching(/T(05|17):00:00/) },
        { name: "School", nextSyncAt: null },
        { name: "Shops", nextSyncAt: expect.any(String) },
        { name: "Theirs", nextSyncAt: expect.any(String) },
      ],
    },
  });
});

test("contacts are changed with updateToken, all of them, and nothing else with them", async () => {
  const { data } = await api.ask('query { tokens(filter: { search: "Shops" }) { nodes { id } } }');
  const [shops] = (data as { tokens: { nodes: { id: string }[] } }).tokens.nodes;
  const update = `mutation ($input: UpdateTokenInput!) {
    updateToken(input: $input) { token { name categories contacts { name email } warnings } } }`;
  const answer = await api.ask(update, { input: { token: shops?.id, contacts: [bob, ann] } });
  expect(answer.data).toEqual({
    updateToken: { token: { name: "Shops", categories: ["north"], contacts: [bob, ann], warnings: [] } },
  });
});

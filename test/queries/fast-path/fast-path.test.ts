import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Role } from "../../../src/entities/role.js";
import { processFacts } from "../../../src/http/process-facts.js";
import { Deadline } from "../../../src/queries/deadline.js";
import { FastPath } from "../../../src/queries/fast-path/fast-path.js";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import { startApi, type TestApi } from "../../http/start-api.js";

const schema = buildSchema(resolvers);
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A fast path that tells how often it has read a document. */
function startFastPath(mostCharacters?: number) {
  const read: string[] = [];
  const fastPath = new FastPath({
    schema,
    db: api.dataSource,
    facts: processFacts(api.core),
    documentRules: [() => ({ Document: () => void read.push("document") })],
    documentTokens: 2_000,
    ...(mostCharacters !== undefined && { mostCharacters }),
    check: () => undefined,
    log: api.core.log,
  });
  const ask = async (query: string, variables: Record<string, unknown> = {}, operationName: string | null = null) => {
    const access = { role: Role.ADMIN, teams: null };
    const deadline = Deadline.ofRequest(30_000);
    const { text } = await fastPath.answer({ query, operationName, variables, access, deadline });
    return JSON.parse(text ?? "null");
  };
  return { read, ask };
}

const PAGE = "query ($first: Int!) { tokens(first: $first) { nodes { name } } }";
const EMPTY = { data: { tokens: { nodes: [] } } };

describe("the fast path", () => {
  test("reads a document once", async () => {
    const { read, ask } = startFastPath();
    for (let first = 1; first <= 20; first++) expect(await ask(PAGE, { first })).toEqual(EMPTY);
    expect(read).toHaveLength(1);
  });

  test("forgets what it knows where callers ask for more shapes than there is room for", async () => {
    const { read, ask } = startFastPath(10_000);
    for (let first = 1; first <= 60; first++) expect(await ask(PAGE, { first })).toEqual(EMPTY);
    expect(read.length).toBeGreaterThan(1);
    expect(read.length).toBeLessThan(60);
  });

  test("takes no text for a switch, though another operation of the document has one of that name", async () => {
    const document = `
      query Before($a: Boolean!) { tokens { totalCount @include(if: $a) __typename } }
      query Named($a: String!, $on: Boolean!, $b: String!) {
        first: tokens(filter: { search: $a }) { totalCount @include(if: $on) __typename }
        second: tokens(filter: { search: $b }) { __typename }
      }
      query After($b: Boolean!) { tokens { totalCount @include(if: $b) __typename } }`;
    const { ask } = startFastPath();
    const named = async (a: string, on: boolean, b: string) =>
      (await ask(document, { a, on, b }, "Named")).data.first.totalCount;
    expect(await named("x", true, "y,false,z")).toBe(0);
    expect(await named("x,true,y", false, "z")).toBeUndefined();
  });
});

import { readFileSync } from "node:fs";
import { getIntrospectionQuery, parse, print, separateOperations, specifiedRules, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { documentRules } from "../../../src/http/limits/document-rules.js";
import { refuseLongDocument } from "../../../src/http/limits/document-tokens.js";
import { DEFAULT_LIMITS, type Limits } from "../../../src/http/limits/limits.js";
import { costCheck } from "../../../src/http/limits/query-cost.js";
import { playgroundExamples } from "../../../src/http/playground-examples.js";
import { REPORT_PAGE } from "../../../src/http/report-page.js";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import {
  APP_COUNT,
  APPS,
  DETAIL,
  STORE_APPS,
  SYNC_RUNS,
  TOKEN_HEALTH,
  TOKENS,
  TOTALS,
} from "../../../web/report/queries.js";

const schema = buildSchema(resolvers);
const { depth, cost, aliases, directives, fields, documentTokens } = DEFAULT_LIMITS;
/** Half of what is allowed, so that there is room for what front ends add. */
const HALF: Limits = {
  ...DEFAULT_LIMITS,
  depth: Math.ceil(depth / 2),
  cost: cost / 2,
  aliases: aliases / 2,
  directives: directives / 2,
  fields: fields / 2,
  documentTokens: documentTokens / 2,
};

const first = DEFAULT_LIMITS.pageSize;
const ids = Array.from({ length: first }, () => "id");
const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const example = readFileSync(new URL("../../../examples/app-list/src/apps.graphql", import.meta.url), "utf8");

const operations: readonly (readonly [string, string, Record<string, unknown>])[] = [
  ["GraphiQL's own question for the schema", getIntrospectionQuery({ inputValueDeprecation: true }), {}],
  ...playgroundExamples.map(
    ({ query, variables }) =>
      [/(query|mutation|subscription) \w+/.exec(query)?.[0] ?? "", query, { ...variables }] as const,
  ),
  ...[...readme.matchAll(/"(subscription .*?)"/g)].map(
    ([, query = ""]) => [`the README's ${query}`, query, {}] as const,
  ),
  ["the report's totals", TOTALS, { productType: "APP" }],
  ["the report's tokens", TOKENS, { first }],
  ["the report's apps", APPS, { productType: "APP", orderBy: { field: "NAME" }, first }],
  ["the number of the report's apps", APP_COUNT, { productType: "APP" }],
  ["an app of the report", DETAIL, { storeApp: "id", from: "2023-01-01T00:00:00Z" }],
  ["the report's live updates", STORE_APPS, { ids }],
  ["the report's synchronisations", SYNC_RUNS, {}],
  ["the report's tokens' health", TOKEN_HEALTH, {}],
  ["/report.csv", REPORT_PAGE, { first }],
  ...Object.entries(separateOperations(parse(example))).map(
    ([name, document]) => [`the example's ${name}`, print(document), { first, ids }] as const,
  ),
];

describe("with the limits of an installation that was told nothing", () => {
  test.each(operations)("there is room for twice as much as %s", (_, query, variables) => {
    const document = parse(query);
    expect(validate(schema, document, [...specifiedRules, ...documentRules(HALF)])).toEqual([]);
    expect(() => refuseLongDocument(query, HALF.documentTokens)).not.toThrow();
    expect(() => costCheck(schema, HALF)({ document, variables })).not.toThrow();
  });
});

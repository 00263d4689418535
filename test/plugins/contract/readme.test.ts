import { readFile } from "node:fs/promises";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";

const source = (path: string) => readFile(new URL(`../../../src/${path}`, import.meta.url), "utf8");

test("what the README asks the API is understood", async () => {
  const schema = buildSchema(await source("schema/schema.graphql"));
  const text = await source("plugins/README.md");
  const documents = [...text.matchAll(/```graphql\n(.*?)```/gs)].map(([, document]) => document ?? "");
  const inline = /`(plugins \{.*?\})`/.exec(text)?.[1] ?? "";
  for (const document of [...documents, `{ ${inline} }`]) {
    expect(validate(schema, parse(document))).toEqual([]);
  }
  expect(documents.length).toBeGreaterThan(0);
});

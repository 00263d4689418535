import { access, readFile } from "node:fs/promises";
import {
  buildSchema,
  isInterfaceType,
  isObjectType,
  ProvidedRequiredArgumentsRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { beforeAll, expect, test } from "vitest";
import { ERROR_CODES } from "../src/errors.js";

const source = (path: string) => readFile(new URL(`../${path}`, import.meta.url), "utf8");
const schema = buildSchema(await source("src/schema/schema.graphql"));
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];

let text: string;
beforeAll(async () => {
  text = await source("README.md");
});

const matches = (pattern: RegExp, within = text) => [...within.matchAll(pattern)].map(([, found = ""]) => found);
const inBackticks = () => matches(/`([^`\n]+)`/g, text.replaceAll(/```[\s\S]*?```/g, ""));
/** A part of README.md, from its heading to the next one of its rank. */
const section = (heading: string) => text.split(`\n${heading}\n`)[1]?.split(/\n#{2,3} /)[0] ?? "";

test("the operations that the README shows are understood as they stand", () => {
  const documents = [
    ...matches(/```graphql\n(.*?)```/gs),
    ...matches(/"query": "([^"]*)"/g),
    ...matches(/const query = "([^"]*)"/g),
  ];
  expect(documents.length).toBeGreaterThan(2);
  for (const document of documents) {
    expect([document, validate(schema, parse(document)).map(({ message }) => message)]).toEqual([document, []]);
  }
});

test("the arguments that the README gives to a field, the field has", () => {
  const calls = inBackticks().filter((words) => /^[a-z]\w*\(\w+: .*\)$/.test(words) && !words.includes("…"));
  expect(calls.length).toBeGreaterThan(3);
  const rules = specifiedRules.filter((rule) => rule !== ProvidedRequiredArgumentsRule);
  for (const call of calls) {
    const field = call.slice(0, call.indexOf("("));
    const root = roots.find((type) => type?.getFields()[field]);
    const operation = root === schema.getMutationType() ? "mutation" : "query";
    const errors = root ? validate(schema, parse(`${operation} { ${call} { __typename } }`), rules) : [];
    const owner = root ?? ownerOf(field);
    const wrong = errors.map(({ message }) => message).filter((message) => !message.includes("of required type"));
    expect([call, owner?.name ?? null, wrong]).toEqual([call, expect.any(String), []]);
  }
});

test("the fields that the README names, as in `Token.warnings`, there are", () => {
  const named = inBackticks().filter((words) => /^[A-Z][a-z]\w*\.[a-z]\w+$/.test(words));
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => !hasField(...(name.split(".") as [string, string])))).toEqual([]);
});

test("the README tells of each error code once, and of no other", () => {
  const told = matches(/^\| `([A-Z_]+)`/gm, section("### Errors"));
  expect(told.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
});

test("the README tells of each variable that is read, and of no other", async () => {
  const read = matches(
    /^ {2}([A-Z][A-Z_]+):/gm,
    (await source("src/config.ts")) + (await source("src/config-limits.ts")),
  );
  const tables = text.split("\n").filter((line) => line.startsWith("| `"));
  const told = tables.flatMap((line) => matches(/`([A-Z][A-Z_]{3,})`/g, line.split(" | ").slice(0, 2).join(" | ")));
  const codes = Object.keys(ERROR_CODES);
  expect(read.length).toBeGreaterThan(30);
  expect(read.filter((name) => !told.includes(name))).toEqual([]);
  const others = told.filter((name) => !read.includes(name) && !codes.includes(name));
  expect(others).toEqual([]);
});

test("the scripts and the files that the README leads to, there are", async () => {
  const { scripts } = JSON.parse(await source("package.json")) as { scripts: Record<string, string> };
  const guides = text + (await source("CONTRIBUTING.md"));
  const run = matches(/npm run (?:--silent )?([\w:-]+)/g, guides);
  expect(run.filter((name) => scripts[name] === undefined)).toEqual([]);
  const links = matches(/\]\(([^)#]+)\)/g, guides).filter((link) => !link.startsWith("http"));
  expect(links.length).toBeGreaterThan(5);
  await Promise.all(links.map((link) => access(new URL(`../${link}`, import.meta.url))));
});

function hasField(type: string, field: string): boolean {
  const found = schema.getType(type);
  return (isObjectType(found) || isInterfaceType(found)) && found.getFields()[field] !== undefined;
}

function ownerOf(field: string) {
  return Object.values(schema.getTypeMap()).find((type) => hasField(type.name, field));
}

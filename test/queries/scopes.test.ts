import { isInterfaceType } from "graphql";
import { expect, test } from "vitest";
import { nodeNamed, ownScopeOf, scopeOf } from "../../src/queries/node-scopes.js";
import { resolvers } from "../../src/resolvers/index.js";
import { buildSchema } from "../../src/schema/build-schema.js";

const schema = buildSchema(resolvers);
const node = schema.getType("Node");
const names = isInterfaceType(node) ? schema.getImplementations(node).objects.map(({ name }) => name) : [];

test("there are kinds of objects to ask about", () => {
  expect(names.length).toBeGreaterThan(20);
});

test.each(names)("somebody has said which %s a team sees", (name) => {
  const known = nodeNamed(name);
  if (!known) throw new Error(`${name} is no object that is known`);
  for (const scope of [scopeOf(known), ownScopeOf(known)])
    expect(scope("item", "$1::text[]")).toMatch(/\$1::text\[\]|^false$/);
});

test("of a class of which nobody has said, nothing is read", () => {
  class Stranger {}
  expect(() => scopeOf(Stranger as never)).toThrow(/Nobody has said/);
});

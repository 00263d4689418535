import { buildSchema, graphql } from "graphql";
import { expect, it } from "vitest";
import { withoutValues } from "../../src/schema/without-values.js";

const SECRET = "eyJleHBEYXRlIjoiMjAzMC0wMS0wMSJ9c2VjcmV0";
const schema = buildSchema(`
  input Add { file: String!, name: String!, count: Int }
  type Query { a: String }
  type Mutation { add(input: Add!): String, take(text: String!, count: Int): String }
`);

async function messages(source: string, variableValues: Record<string, unknown> = {}): Promise<string[]> {
  const { errors = [] } = await graphql({ schema, source, variableValues });
  return errors.map((error) => error.message);
}

const WITH_VARIABLE = "mutation ($input: Add!) { add(input: $input) }";

it.each([
  ["a variable whose field is missing", WITH_VARIABLE, { input: { file: SECRET } }],
  ["a variable with a field too many", WITH_VARIABLE, { input: { file: SECRET, name: "a; B", nam: SECRET } }],
  ["a variable of the wrong type", WITH_VARIABLE, { input: { file: [SECRET], name: "a" } }],
  ["a variable that is no object", WITH_VARIABLE, { input: SECRET }],
  ["a number's place", WITH_VARIABLE, { input: { file: "a", name: "b", count: SECRET } }],
  ["an inline input without a field", `mutation { add(input: { file: "${SECRET}" }) }`, {}],
  ["an inline text for an input", `mutation { add(input: "${SECRET}") }`, {}],
  ["an inline text for a number", `mutation { take(text: "a", count: "${SECRET}") }`, {}],
  ["a text in the wrong place", `mutation { "${SECRET}" }`, {}],
  ["a block text in the wrong place", `mutation { """${SECRET}""" }`, {}],
  ["a name in the wrong place", `mutation { take(text: ${SECRET}x) }`, {}],
])("does not say again what was sent as %s", async (_, source, variables) => {
  const said = await messages(source, variables);
  expect(said).not.toEqual([]);
  expect(said.map(withoutValues).join("\n")).not.toContain(SECRET);
});

it("still says which field is missing", async () => {
  const [said = ""] = await messages(WITH_VARIABLE, { input: { file: SECRET } });
  expect(withoutValues(said)).toBe(
    'Variable "$input" got an invalid value; Field "name" of required type "String!" was not provided.',
  );
});

it("leaves alone what names the schema only", async () => {
  const [said = ""] = await messages("{ b }");
  expect(withoutValues(said)).toBe(said);
});

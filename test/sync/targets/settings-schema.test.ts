import { describe, expect, test } from "vitest";
import { z } from "zod";
import { definePlugin, secret } from "../../../src/plugins/contract.js";
import { plugins } from "../../../src/plugins/index.js";
import { settingsSchema } from "../../../src/sync/targets/settings-schema.js";
import { splitSettings } from "../../../src/sync/targets/split-settings.js";
import { pluginWith } from "./target-world.js";

const withSettings = <Shape extends z.ZodRawShape>(shape: Shape) =>
  definePlugin({ ...pluginWith({}), settings: z.object(shape), connect: () => ({}) as never });

interface Field {
  readonly title?: string;
  readonly description?: string;
  readonly secret?: boolean;
  readonly writeOnly?: boolean;
}
const fieldsOf = (plugin: Parameters<typeof settingsSchema>[0]) =>
  Object.entries(settingsSchema(plugin).properties as Record<string, Field>);

test.each(plugins.map((plugin) => [plugin.name, plugin] as const))(
  "each setting of %s has a title and is described",
  (_, plugin) => {
    for (const [name, field] of fieldsOf(plugin)) {
      expect(field.title, name).toMatch(/^\p{Lu}/u);
      expect(field.description, name).toMatch(/\S/);
    }
  },
);

test("a title is the plugin's own, or made of the setting's name", () => {
  const plugin = withSettings({
    apiKey: secret(),
    caFile2: z.string(),
    "odd-name": z.string(),
    own: z.string().meta({ title: "In its own words" }),
  });
  expect(fieldsOf(plugin).map(([, { title }]) => title)).toEqual([
    "Api key",
    "Ca file2",
    "Odd name",
    "In its own words",
  ]);
});

describe("a setting that holds a secret", () => {
  const shapes: [string, z.ZodType][] = [
    ["plainly", secret()],
    ["narrowed", secret().min(8).regex(/x/)],
    ["refined", secret().refine((text) => text.length > 3)],
    ["described", secret().describe("A key.")],
    ["optional", secret().optional()],
    ["nullable", secret().nullable()],
    ["with a default", secret().default("x")],
    ["in a list", z.array(secret())],
    ["in an object", z.object({ user: z.string(), password: secret() })],
    ["deep in an object", z.object({ a: z.object({ b: z.array(z.object({ c: secret().optional() })) }) })],
    ["by any name", z.record(z.string(), secret())],
    ["or something else", z.union([z.number(), secret()])],
    [
      "in one of several forms",
      z.discriminatedUnion("by", [
        z.object({ by: z.literal("key"), key: secret() }),
        z.object({ by: z.literal("none") }),
      ]),
    ],
    ["in one of two that go together", z.intersection(z.object({ a: secret() }), z.object({ b: z.string() }))],
    ["that is changed", secret().transform((text) => text.trim())],
    ["that is made of something else", z.string().pipe(secret())],
    ["that is prepared", z.preprocess((given) => given, secret())],
    ["with a name of its own", secret().meta({ id: "A key" })],
    ["inside of what has a name of its own", z.object({ key: secret() }).meta({ id: "A login" })],
    ["read late", z.lazy(() => secret())],
    ["in a pair", z.tuple([z.string(), secret()])],
  ];
  test.each(shapes)("is secret as a whole, and marked so for the form: %s", (_, schema) => {
    const plugin = withSettings({ url: z.string(), kept: schema });
    expect(splitSettings(plugin, { url: "u", kept: "k", unknown: "x" })).toEqual({
      plain: { url: "u" },
      secret: { kept: "k", unknown: "x" },
    });
    expect(Object.fromEntries(fieldsOf(plugin)).kept).toMatchObject({ secret: true, writeOnly: true });
    expect(Object.fromEntries(fieldsOf(plugin)).url).not.toHaveProperty("secret");
  });
});

test("a name that every object has is none of the settings", () => {
  const given = JSON.parse('{ "constructor": "x", "__proto__": "y", "toString": "z" }');
  expect(splitSettings(withSettings({ url: z.string() }), given).plain).toEqual({});
});

import { expect, test } from "vitest";
import { z } from "zod";
import type { Plugin } from "../../../src/plugins/contract.js";
import { plugins } from "../../../src/plugins/index.js";
import { registerPlugins } from "../../../src/sync/targets/register-plugins.js";
import { pluginWith } from "./target-world.js";

test("the plugins that come with Allotment are accepted", () => {
  expect([...registerPlugins(plugins).keys()]).toEqual(plugins.map(({ name }) => name));
});

test("two plugins of one name are refused", () => {
  expect(() => registerPlugins([pluginWith({}), pluginWith({})])).toThrow(/Two plugins are named "scripted"/);
});

test("a plugin for another contract is refused", () => {
  const future = { ...pluginWith({}), contract: 2 } as unknown as Plugin;
  expect(() => registerPlugins([future])).toThrow(/contract 2/);
});

test("a name that cannot be stored and typed is refused", () => {
  for (const name of ["", "Intune", "my plugin", "1st"]) {
    expect(() => registerPlugins([pluginWith({}, { name })])).toThrow(/not usable/);
  }
});

test("a plugin that does not say what it can do is refused", () => {
  const { abilities: _, ...silent } = pluginWith({});
  expect(() => registerPlugins([silent as Plugin])).toThrow(/"scripted" must declare its abilities: abilities:/);
  const wrong = {
    ...pluginWith({}),
    abilities: { ...pluginWith({}).abilities, lists: ["group"] },
  } as unknown as Plugin;
  expect(() => registerPlugins([wrong])).toThrow(/abilities\.lists\.0/);
});

test.each<[string, Partial<Plugin["abilities"]>]>([
  ["has no way to learn of devices", { lists: ["user"], webhooks: ["statuses"] }],
  ["has no way to learn what became of an install", { polls: false, webhooks: ["holders"] }],
  ["names one of its abilities twice", { lists: ["device", "device"] }],
])("a plugin that %s is refused", (reason, abilities) => {
  const plugin = pluginWith({});
  expect(() => registerPlugins([{ ...plugin, abilities: { ...plugin.abilities, ...abilities } }])).toThrow(reason);
});

test("a plugin that needs a public address for no webhook is refused", () => {
  const plugin = pluginWith({}, { needsPublicUrl: true });
  const abilities = { ...plugin.abilities, lists: ["device"] as const, webhooks: [] };
  expect(() => registerPlugins([{ ...plugin, abilities }])).toThrow(/needs a public address, but has no webhook/);
});

test("settings that no form can show are refused", () => {
  const undrawable = { ...pluginWith({}), settings: z.object({ since: z.date() }) };
  expect(() => registerPlugins([undrawable])).toThrow(/has settings that no form can show/);
  const notAnObject = { ...pluginWith({}), settings: z.string() } as unknown as Plugin;
  expect(() => registerPlugins([notAnObject])).toThrow(/must have settings made by `z.object`/);
});

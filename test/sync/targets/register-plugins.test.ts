import { expect, test } from "vitest";
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

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plugin } from "../../../src/plugins/contract.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "./target-world.js";

const listing = { listHolders: async () => ({ records: [], next: null, complete: true }) };

function declaring(name: string, plugin: Plugin, abilities: Partial<Plugin["abilities"]>): Plugin {
  return { ...plugin, name, abilities: { ...plugin.abilities, ...abilities } };
}

let world: TargetWorld;
let closed = 0;

beforeAll(async () => {
  world = await createTargetWorld([
    declaring("boaster", pluginWith({ ...listing, close: async () => void closed++ }), { applications: true }),
    declaring("hider", pluginWith({ ...listing, ensureApplication: async () => ({ handle: "x" }) }), {
      applications: false,
    }),
    pluginWith(listing, { name: "owner", licenseAuthority: "target" }),
  ]);
});
afterAll(() => world.stop());

test.each([
  ["boaster", "declares `ensureApplication`, which its connection lacks"],
  ["hider", "does not declare `ensureApplication`, which its connection has"],
  ["owner", "declares `licenses`, which its connection lacks"],
])("a target of the %s is refused, since its plugin and its connection disagree", async (name, reason) => {
  await expect(world.add(name, {}, name)).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining(`The plugin "${name}" ${reason}`),
  });
  expect(await world.read("SELECT id FROM target")).toEqual([]);
});

test("a connection that is refused is closed", async () => {
  const before = closed;
  await expect(world.add("boaster", {}, "closed")).rejects.toThrow();
  expect(closed).toBe(before + 1);
});

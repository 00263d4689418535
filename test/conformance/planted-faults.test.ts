import { expect, test } from "vitest";
import { conformanceTests } from "../../conformance/index.js";
import type { Plugin } from "../../src/plugins/contract.js";
import { books } from "./planted/books.js";
import type { Ground } from "./planted/ground.js";
import { installs } from "./planted/installs.js";
import { listings } from "./planted/listings.js";
import { outages } from "./planted/outages.js";
import { releases } from "./planted/releases.js";
import { reports } from "./planted/reports.js";
import { settings } from "./planted/settings.js";
import { webhooks } from "./planted/webhooks.js";

const planted = [...settings, ...listings, ...installs, ...reports, ...webhooks, ...books, ...releases, ...outages];

const checksOf = ({ product }: Ground, plugin: Plugin) =>
  conformanceTests({ plugin, product, limits: { graceMs: 200 } });

function checkOf(ground: Ground, plugin: Plugin, title: string): () => Promise<void> {
  const found = checksOf(ground, plugin).find((one) => one.title === title);
  if (!found) throw new Error(`There is no check "${title}" for the plugin ${plugin.name}.`);
  return found.run;
}

// That the good plugins pass the same checks is for their own tests to show.
test.each(planted.map((one) => [one.fault, one] as const))("a plugin that %s is caught", async (_fault, one) => {
  await expect(checkOf(one.ground, one.plugin, one.caughtBy)()).rejects.toThrow(one.saying);
});

test("there is no check that catches nothing", () => {
  const titles = new Set(planted.flatMap(({ ground, plugin }) => checksOf(ground, plugin).map(({ title }) => title)));
  expect([...titles].filter((title) => !planted.some(({ caughtBy }) => caughtBy === title))).toEqual([]);
});

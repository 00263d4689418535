import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestBudget } from "../../../src/sync/apple/request-budget.js";
import type { Clock } from "../../../src/sync/core.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { createTokenWorld, type TokenWorld } from "../tokens/token-world.js";

const HOUR_MS = 3_600_000;

let world: TokenWorld;
beforeAll(async () => {
  world = await createTokenWorld();
});
afterAll(() => world.stop());

it("forgets turns at Apple that are over, and no pause that goes on, whatever this replica's clock says", async () => {
  const { core } = world;
  const budget = createRequestBudget(core.dataSource, core.clock);
  await budget.take("spent", "read", 15, undefined);
  await world.read("UPDATE rate_limit SET expire = expire - 1000");
  await budget.pause("paused", HOUR_MS);
  const ahead: Clock = { ...core.clock, now: () => new Date(Date.now() + 2 * HOUR_MS) };
  await sweep({ ...core, clock: ahead });
  expect(await world.read("SELECT key FROM rate_limit")).toEqual([{ key: "apple:paused" }]);
});

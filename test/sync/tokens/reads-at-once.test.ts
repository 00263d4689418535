import { afterAll, beforeAll, expect, it } from "vitest";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
beforeAll(async () => {
  world = await createTokenWorld({ apple: { switches: { pageSize: 5 } } });
});
afterAll(() => world.stop());

it("reads five pages of a list at once, as Apple allows, and never more", async () => {
  const { tokenId } = await world.add();
  await world.control("/slow", { ms: 30 });
  expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
  expect(world.apple.world.readsAtOnce.most).toBe(5);
});

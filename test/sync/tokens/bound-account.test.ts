import { afterEach, describe, expect, it } from "vitest";
import { removeToken } from "../../../src/sync/deployments/remove-token.js";
import { addToken, prepareToken } from "../../../src/sync/tokens/add-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
afterEach(() => world.stop());

async function add(file: string, replaceAccount = false): Promise<string> {
  const words = { name: "Main", description: null, categories: [], contacts: [], replaceAccount };
  const prepared = await prepareToken(world.core, { file, ...words });
  return (await world.core.dataSource.transaction((tx) => addToken(tx, world.core, prepared))).tokenId;
}

async function remove(tokenId: string): Promise<void> {
  const removal = { tokenId, licenses: null, dryRun: false, actor: "test" };
  await world.core.dataSource.transaction((tx) => removeToken(tx, world.core, removal));
}

const bound = () => world.read("SELECT bound_location_name AS name FROM service_identity");

describe("an installation that may have one token", () => {
  it("stays bound to its location when the token is removed, and takes no other one", async () => {
    world = await createTokenWorld();
    await remove(await add(world.apple.tokenFile));
    const other = world.apple.addLocation({ name: "Other" }).token.text;
    const { name } = world.apple.world.locations[0]?.identity ?? {};
    const counted = () =>
      world.read("SELECT (SELECT count(*) FROM token) AS tokens, (SELECT count(*) FROM sync_run) AS runs");
    const before = await counted();
    await expect(add(other)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(new RegExp(`bound to the Apple location "${name}".*"Other".*replaceAccount`)),
      details: { boundLocation: name, location: "Other" },
    });
    expect(await counted()).toEqual(before);
    expect(await bound()).toEqual([{ name }]);
  });

  it("takes the bound location again", async () => {
    world = await createTokenWorld();
    await remove(await add(world.apple.tokenFile));
    await add(world.apple.tokenFile);
    expect(await world.read("SELECT name FROM token")).toHaveLength(1);
  });

  it("leaves the bound location for another one when that is asked for, and is bound to that", async () => {
    world = await createTokenWorld();
    await remove(await add(world.apple.tokenFile));
    await add(world.apple.addLocation({ name: "Other" }).token.text, true);
    expect(await bound()).toEqual([{ name: "Other" }]);
  });

  it("stays bound by a token that was there before installations were bound", async () => {
    world = await createTokenWorld();
    const tokenId = await add(world.apple.tokenFile);
    await world.read("UPDATE service_identity SET bound_location_id = NULL, bound_location_name = NULL");
    await remove(tokenId);
    await expect(add(world.apple.addLocation({ name: "Other" }).token.text)).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  it("says that it has its token before it says which one", async () => {
    world = await createTokenWorld();
    await add(world.apple.tokenFile);
    await expect(add(world.apple.addLocation({}).token.text, true)).rejects.toMatchObject({
      code: "TOKEN_LIMIT_REACHED",
    });
  });
});

describe("an installation that may have more", () => {
  it("is bound to nothing", async () => {
    world = await createTokenWorld({ policy: { tokenLimit: 2 } });
    await remove(await add(world.apple.tokenFile));
    await add(world.apple.addLocation({}).token.text);
    expect(await bound()).toEqual([{ name: null }]);
  });
});

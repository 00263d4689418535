import { afterEach, beforeEach, expect, it } from "vitest";
import { TokenHealthState } from "../../../src/entities/token.js";
import type { AppleClient } from "../../../src/sync/apple/apple-client.js";
import type { Core } from "../../../src/sync/core.js";
import { changeHealth } from "../../../src/sync/tokens/change-health.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
});

afterEach(() => world.stop());

const takenOver = { id: "other-mdm", name: "Other MDM", metadata: "x" };
const claimedElsewhere = {
  state: TokenHealthState.CLAIMED_ELSEWHERE,
  cause: "Another MDM has claimed the location.",
  evidence: "mdmInfo",
  remedy: "Take it over.",
};

const state = async () => (await world.read<{ state: string }>("SELECT health_state AS state FROM token"))[0]?.state;
const jobs = async () =>
  (await world.read<{ key: string }>("SELECT key FROM graphile_worker.jobs")).map(({ key }) => key);

/** The same world, where something happens around a call to Apple. */
const withApple = (calls: Partial<AppleClient>): Core => ({
  ...world.core,
  apple: { ...world.core.apple, ...calls },
});

it("leaves what was found while Apple was being asked, and asks again", async () => {
  await verifyToken(world.core, { tokenId });
  await world.read("DELETE FROM graphile_worker._private_jobs");
  const core = withApple({
    clientConfig: async (access) => {
      const config = await world.core.apple.clientConfig(access);
      await world.core.dataSource.transaction((tx) => changeHealth(tx, world.core, tokenId, claimedElsewhere));
      return config;
    },
  });
  await verifyToken(core, { tokenId });
  expect(await state()).toBe("CLAIMED_ELSEWHERE");
  expect(await jobs()).toEqual([`verify-token:${tokenId}:now`]);
});

it("does not take a refusal for the last word when the token was confirmed meanwhile", async () => {
  await world.control("/revoke-token", {});
  const confirmed = { state: TokenHealthState.ACTIVE, cause: null, evidence: null, remedy: null };
  const core = withApple({
    clientConfig: async (access) => {
      await world.core.dataSource.transaction((tx) => changeHealth(tx, world.core, tokenId, confirmed));
      return world.core.apple.clientConfig(access);
    },
  });
  await verifyToken(core, { tokenId });
  expect(await state()).toBe("ACTIVE");
  expect(await jobs()).toContain(`verify-token:${tokenId}:now`);
});

it("believes Apple's answer to the claim, which may name another MDM that came first", async () => {
  const core = withApple({
    claim: async (access, us) => ({ ...(await world.core.apple.claim(access, us)), mdmInfo: takenOver }),
  });
  await verifyToken(core, { tokenId });
  expect(await state()).toBe("CLAIMED_ELSEWHERE");
});

it.each([
  ["nobody's", null],
  ["still the one that is taken over", takenOver],
])("does not let a token write whose claim Apple does not show, but %s", async (_, mdmInfo) => {
  await world.read("UPDATE token SET taking_over = $1", [takenOver.id]);
  const core = withApple({
    claim: async (access, us) => ({ ...(await world.core.apple.claim(access, us)), mdmInfo }),
  });
  await verifyToken(core, { tokenId });
  expect(await state()).toBe("UNVERIFIED");
  expect(await jobs()).toContain(`verify-token:${tokenId}:later`);
});

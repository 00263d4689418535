import { afterEach, beforeEach, expect, it } from "vitest";
import { row } from "../../../../src/queries/sql.js";
import { raiseEpoch } from "../../../../src/sync/tokens/claim/intend-claim.js";
import { createTokenWorld, type TokenWorld } from "../token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId } = await world.add());
});

afterEach(() => world.stop());

/** The epoch that a copy of the database with luck of its own would come to. */
async function raisedWith(luck: number): Promise<number> {
  const core = { ...world.core, clock: { ...world.core.clock, random: () => luck } };
  const copy = world.core.dataSource.createQueryRunner();
  await copy.startTransaction();
  await raiseEpoch(copy.manager, core, tokenId);
  const raised = await row<{ claimed: number }>(
    copy.manager,
    `SELECT claimed_epoch::float8 AS claimed FROM token, service_identity us
     WHERE token.id = $1 AND us.epoch = token.claimed_epoch`,
    [tokenId],
  );
  await copy.rollbackTransaction();
  await copy.release();
  return raised?.claimed ?? Number.NaN;
}

it("always raises the epoch, and two copies that do so at one moment seldom to the same", async () => {
  const before = await row<{ epoch: number }>(world.core.dataSource, "SELECT epoch::float8 FROM service_identity");
  const raised = [await raisedWith(0), await raisedWith(0.3), await raisedWith(0.999)];
  expect(raised[0]).toBeGreaterThan(before?.epoch ?? Number.NaN);
  expect(new Set(raised).size).toBe(3);
  expect(raised.every(Number.isSafeInteger)).toBe(true);
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { returnLicenses } from "../../../src/sync/licenses/return-licenses.js";
import { createTokenWorld, type TokenWorld } from "../tokens/token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: 1, licenses: 3_000, users: 0, assigned: 2_500 } });
  ({ tokenId } = await world.add());
  await world.sync(tokenId);
});
afterEach(() => world.stop());

it("a mass of licences goes back in operations that fit Apple's requests, and each waits for the one that names it", async () => {
  const held = await world.read<{ id: string }>("SELECT id FROM license WHERE state = 'HELD'");
  const returning = await world.core.dataSource.transaction((tx) =>
    returnLicenses(
      tx,
      world.core,
      tokenId,
      held.map(({ id }) => id),
      "test",
    ),
  );
  expect(returning.size).toBe(2_500);
  expect(
    await world.read(
      "SELECT count(*)::int AS holders FROM apple_operation_holder GROUP BY operation_id ORDER BY 1 DESC",
    ),
  ).toEqual([{ holders: 1_000 }, { holders: 1_000 }, { holders: 500 }]);
  expect(
    await world.read(
      `SELECT count(*)::int AS licenses FROM license JOIN apple_operation_holder holder
         ON holder.token_id = license.token_id AND holder.operation_id = license.operation_id
        AND holder.license_id = license.id AND holder.holder_key = license.holder_key
       WHERE license.state = 'RETURNING' AND license.end_operation_id = license.operation_id`,
    ),
  ).toEqual([{ licenses: 2_500 }]);
});

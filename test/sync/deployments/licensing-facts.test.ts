import type { EntityManager } from "typeorm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { row } from "../../../src/queries/sql.js";
import { licensingFacts } from "../../../src/sync/deployments/licensing-facts.js";
import { createPeopleWorld, type PeopleWorld } from "./people-world.js";

const DEVICES = 1_000;
const ASKED = 100;

let world: PeopleWorld;
beforeAll(async () => {
  world = await createPeopleWorld();
});
afterAll(() => world.stop());

/** As many devices of one user each, who has a licence; every other device goes on by it while it waits for another. */
async function fill(deploymentId: string): Promise<string[]> {
  const { tokenId, storeAppId, targetId } = world;
  await world.read("ANALYZE");
  await world.read(
    `INSERT INTO "user" (id, added_at) SELECT md5('u' || n)::uuid, now() FROM generate_series(1, $1) n`,
    [DEVICES],
  );
  await world.read(
    "INSERT INTO device (id, serial, user_id, added_at) SELECT md5('d' || n)::uuid, 'S' || n, md5('u' || n)::uuid, now() FROM generate_series(1, $1) n",
    [DEVICES],
  );
  await world.read(
    `WITH registration AS (
       INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
       SELECT $1, id, id, 'ASSOCIATED', now() FROM "user" RETURNING id, client_user_id
     )
     INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, apple_user_id, state, started_at, start_cause,
                          start_actor, assigned_at, proven_at)
     SELECT $1, $2, 'USER', client_user_id, id, 'HELD', now(), 'DEPLOYMENT', 'test', now(), now() FROM registration`,
    [tokenId, storeAppId],
  );
  const installations = await world.read<{ id: string }>(
    `INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, user_id, want, state, state_at,
                               queued_at, created_at)
     SELECT $1, $2, $3, $4, id, user_id, 'PRESENT', 'REQUESTED', now(), now(), now() FROM device RETURNING id`,
    [tokenId, storeAppId, deploymentId, targetId],
  );
  await world.read(
    `UPDATE installation i SET former_license_id = license.id FROM license JOIN apple_user au ON au.id = license.apple_user_id
     WHERE au.user_id = i.user_id AND i.id % 2 = 0`,
  );
  return installations.map(({ id }) => id);
}

async function licensesRead(tx: EntityManager): Promise<number> {
  const read = await row<{ rows: number }>(
    tx,
    `SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 'license'`,
  );
  return read?.rows ?? 0;
}

test("What a need has is found by its device and its holder, not by reading all licences of the app", async () => {
  const ids = await fill((await world.userDeployment()).id);
  const storeApp = { tokenId: world.tokenId, id: world.storeAppId };
  const { facts, touched } = await world.core.dataSource.transaction(async (tx) => {
    const before = await licensesRead(tx);
    const facts = await licensingFacts(tx, storeApp, ids.slice(0, ASKED));
    return { facts, touched: (await licensesRead(tx)) - before };
  });
  expect(facts).toHaveLength(ASKED);
  expect(facts.filter(({ openLicenseId }) => openLicenseId !== null)).toHaveLength(ASKED);
  expect(facts.filter(({ ownLicense }) => ownLicense)).toHaveLength(ASKED / 2);
  expect(touched).toBeLessThanOrEqual(5 * ASKED);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { DeploymentAction } from "../../../src/entities/deployment.js";
import { row } from "../../../src/queries/sql.js";
import { refreshDeployment } from "../../../src/sync/deployments/refresh-members.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

const DEVICES = 1_000;

let world: DeploymentWorld;
beforeEach(async () => {
  world = await createDeploymentWorld();
});
afterEach(() => world.stop());

/** As many devices of one user each, every one with a licence of the app; statistics are as of before they came. */
async function fill(collectionId: string, holder: "DEVICE" | "USER"): Promise<void> {
  const { tokenId, targetId, storeAppId } = world;
  await world.read("ANALYZE");
  await world.read(
    `WITH person AS (
       INSERT INTO "user" (id, added_at) SELECT gen_random_uuid(), now() FROM generate_series(1, $4::int) RETURNING id
     ), owner AS (
       SELECT id AS user_id, row_number() OVER () AS n, gen_random_uuid() AS device_id FROM person
     ), device AS (
       INSERT INTO device (id, serial, user_id, added_at) SELECT device_id, 'S' || n, user_id, now() FROM owner RETURNING id
     ), alias AS (
       INSERT INTO holder_alias (target_id, external_id, device_id) SELECT $3, 'device-' || n, device_id FROM owner
     ), member AS (
       INSERT INTO collection_member (collection_id, device_id) SELECT $5, device_id FROM owner
     ), registration AS (
       INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
       SELECT $1, 'client-' || n, user_id, 'ASSOCIATED', now() FROM owner WHERE $6 = 'USER' RETURNING id, client_user_id
     )
     INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, apple_user_id, state, started_at,
                          start_cause, start_actor, assigned_at, proven_at)
     SELECT $1, $2, $6, COALESCE(registration.client_user_id, 'S' || n), CASE $6 WHEN 'DEVICE' THEN device_id END,
            registration.id, 'HELD', now(), 'DEPLOYMENT', 'test', now(), now()
     FROM owner LEFT JOIN registration ON registration.client_user_id = 'client-' || n`,
    [tokenId, storeAppId, targetId, DEVICES, collectionId, holder],
  );
}

test.each(["DEVICE", "USER"] as const)(
  "a removal finds the licence of each %s by its holder, not by reading all of the app's",
  async (holder) => {
    const deployment = await world.deployment(DeploymentAction.UNINSTALL);
    await fill(deployment.collectionId ?? "", holder);
    const touched = await world.core.dataSource.transaction(async (tx) => {
      await refreshDeployment(tx, world.core, deployment);
      return row<{ rows: number }>(
        tx,
        `SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 'license'`,
      );
    });
    expect(touched?.rows).toBeLessThanOrEqual(5 * DEVICES);
    const found = await world.read("SELECT 1 FROM installation WHERE state = 'REMOVING' AND license_id IS NOT NULL");
    expect(found).toHaveLength(DEVICES);
  },
);

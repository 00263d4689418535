import type { TargetWorld } from "../targets/target-world.js";

/** Makes a deployment to a collection, as rows. */
export async function useCollection(world: TargetWorld, collectionId: string, targetId: string): Promise<void> {
  await world.read(
    `WITH token AS (
       INSERT INTO token (id, authority, name, platform, secret, added_at, updated_at, health_since)
       VALUES (gen_random_uuid(), 'SERVICE', 'Token', 'BUSINESS', 'sealed', now(), now(), now()) RETURNING id
     ), app AS (
       INSERT INTO store_app (token_id, adam_id, product_type, device_assignable, revocable, total_count, assigned_count,
                              available_count, retired_count, counts_at)
       SELECT id, '1', 'APP', true, true, 1, 0, 1, 0, now() FROM token RETURNING token_id, id
     ), application AS (
       INSERT INTO application (token_id, store_app_id, target_id, created_at)
       SELECT token_id, id, $2, now() FROM app RETURNING token_id, id, store_app_id
     )
     INSERT INTO deployment (token_id, store_app_id, application_id, collection_id, target_id, action, purpose, licensing,
                             created_by, created_at, action_by, action_at)
     SELECT token_id, store_app_id, id, $1, $2, 'INSTALL', 'REQUIRED', 'DEVICE', 'test', now(), 'test', now() FROM application`,
    [collectionId, targetId],
  );
}

/** The collections whose deployments were asked to look at their members. */
export async function refreshedCollections(world: TargetWorld): Promise<string[]> {
  const jobs = await world.read<{ key: string }>(
    "SELECT key FROM graphile_worker.jobs WHERE task_identifier = 'refresh-members' ORDER BY key",
  );
  return jobs.map(({ key }) => key.split(":")[1] ?? "");
}

export async function forgetJobs(world: TargetWorld): Promise<void> {
  await world.read("DELETE FROM graphile_worker._private_jobs");
}

import type { DeploymentWorld } from "./deployment-world.js";

type Planted = Pick<DeploymentWorld, "read" | "tokenId" | "targetId" | "storeAppId">;

/** Who holds a licence of the world's app, of one token or another. */
export interface Holding {
  readonly tokenId: string;
  readonly deviceId?: string;
  readonly userId?: string;
}

/** Further tokens that own what the world's token owns, with the same ids: apps, applications and deployments. @returns their ids. */
export async function addTokens({ read, tokenId }: Planted, count: number): Promise<string[]> {
  const tokens = await read<{ id: string }>(
    `INSERT INTO token SELECT (jsonb_populate_record(token, jsonb_build_object('id', gen_random_uuid(), 'location_id', 'further ' || n,
       'name', 'Further ' || n, 'fingerprint', 'further ' || n))).* FROM token, generate_series(1, $2) n WHERE id = $1 RETURNING id`,
    [tokenId, count],
  );
  for (const table of ["store_app", "application", "deployment"]) {
    await read(
      `INSERT INTO ${table} OVERRIDING SYSTEM VALUE
       SELECT (jsonb_populate_record(${table}, jsonb_build_object('token_id', further.id))).*
       FROM ${table}, unnest($2::uuid[]) AS further(id) WHERE token_id = $1`,
      [tokenId, tokens.map(({ id }) => id)],
    );
  }
  return tokens.map(({ id }) => id);
}

/** A licence of the app, which its holder was given; a person is registered for it. @returns its id. */
export async function holds(world: Planted, { tokenId, deviceId, userId }: Holding): Promise<string> {
  const [license] = await world.read<{ id: string }>(
    `WITH holder AS (SELECT $3::uuid AS device_id, $4::uuid AS user_id), registration AS (
       INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
       SELECT $1, user_id, user_id, 'ASSOCIATED', now() FROM holder WHERE user_id IS NOT NULL RETURNING id
     )
     INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, apple_user_id, state, started_at, start_cause,
                          start_actor, assigned_at, proven_at)
     SELECT $1, $2, CASE WHEN user_id IS NULL THEN 'DEVICE' ELSE 'USER' END, COALESCE(user_id, device_id), device_id,
            (SELECT id FROM registration), 'HELD', now(), 'MANUAL', 'test', now(), now() FROM holder RETURNING id`,
    [tokenId, world.storeAppId, deviceId ?? null, userId ?? null],
  );
  return license?.id ?? "";
}

/** An installation of that token on the device, which goes by the licence. */
export async function installedBy(
  world: Planted,
  installation: {
    readonly tokenId: string;
    readonly deploymentId: string;
    readonly deviceId: string;
    readonly licenseId: string;
  },
): Promise<void> {
  await world.read(
    `INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, want, state, license_id, state_at,
                               queued_at, created_at)
     VALUES ($1, $2, $3, $4, $5, 'PRESENT', 'INSTALLED', $6, now(), now(), now())`,
    [
      installation.tokenId,
      world.storeAppId,
      installation.deploymentId,
      world.targetId,
      installation.deviceId,
      installation.licenseId,
    ],
  );
}

import { randomUUID } from "node:crypto";
import type { DataSource } from "typeorm";
import { AppleOperationIntent, AppleOperationState } from "../../../src/entities/apple-operation.js";
import { AppleUserStatus } from "../../../src/entities/apple-user.js";
import type { Deployment } from "../../../src/entities/deployment.js";
import { DeviceState } from "../../../src/entities/device.js";
import type { Installation } from "../../../src/entities/installation.js";
import { InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { HolderKind, type License, LicenseCause, LicenseState } from "../../../src/entities/license.js";
import { ProductType } from "../../../src/entities/store-app.js";
import { SyncMode, SyncRunState, SyncTrigger } from "../../../src/entities/sync-run.js";
import { SampleRows } from "../../http/sample-rows.js";

/** Long before everything else. */
export const EARLY = new Date("2020-01-02T00:00:00.000Z");

/** Ids of what is rare. */
export type Rare = Readonly<Record<"storeApp" | "target" | "deployment" | "device" | "user", string>>;

/** Many rows of the usual kind in each large table, and a few of every other. */
export async function plantMany(db: DataSource, many: number): Promise<Rare> {
  const rows = new SampleRows(db);
  const token = await rows.token();
  const usualApp = await rows.storeApp(token);
  const rareApp = await rows.storeApp(token, {
    ...{ name: "Zebra", adamId: "42", platforms: ["visionOS"], unlistedAt: EARLY, totalCount: 1, availableCount: 1 },
  });
  await rows.mismatch(rareApp);
  await rows.storeApp(token, { productType: ProductType.BOOK });
  const target = await rows.target();
  const usual = await rows.deployment(usualApp, await rows.target(), await rows.collection());
  const deployment = await rows.deployment(rareApp, target, await rows.collection());
  for (const statement of usualSql(many, usual)) await db.query(statement);

  const user = await rows.user({ displayName: "Zebra", leftAt: EARLY });
  const device = await rows.device({
    name: "Zebra",
    state: DeviceState.WIPED,
    platform: "tvOS",
    lastSeenAt: EARLY,
    userId: user.id,
  });
  const appleUser = await rows.appleUser(token, { userId: user.id, status: AppleUserStatus.REGISTERED });
  const license = (own: Partial<License>) => rows.license(rareApp, { startedAt: EARLY, ...own });
  await license({ holderKind: HolderKind.USER, appleUserId: appleUser.id, holderKey: randomUUID() });
  await license({ state: LicenseState.CLAIMING, assignedAt: null, deviceId: device.id });
  await license({ state: LicenseState.RETURNING });
  const over = { endedAt: EARLY, endCause: LicenseCause.SYNC, endActor: "apple" };
  await license({ state: LicenseState.ENDED, ...over });
  await license({ state: LicenseState.REFUSED, assignedAt: null, ...over });
  const installation: Partial<Installation> = { deviceId: device.id, userId: user.id, stateAt: EARLY, leftAt: EARLY };
  const failed = { state: InstallationState.FAILED, reason: InstallationReason.REFUSED_BY_TARGET };
  await rows.installation(deployment, { ...installation, ...failed });
  await rows.appleOperation(rareApp, { state: AppleOperationState.FAILED, createdAt: EARLY, endedAt: EARLY });
  await rows.appleOperation(rareApp, { state: AppleOperationState.UNKNOWN, intent: AppleOperationIntent.RETIRE_USERS });
  await rows.syncRun(token, { state: SyncRunState.FAILED, mode: SyncMode.FULL, trigger: SyncTrigger.RECOVERY });
  await rows.collection({ name: "Zebra" });
  await db.query("VACUUM ANALYZE");
  const rare = { storeApp: rareApp, target, deployment, device, user };
  return Object.fromEntries(Object.entries(rare).map(([name, node]) => [name, node.globalId])) as Rare;
}

const usualSql = (many: number, deployment: Deployment) => [
  `INSERT INTO store_app (token_id, adam_id, product_type, name, platforms, device_assignable, revocable, total_count,
                          assigned_count, available_count, retired_count, counts_at)
   SELECT '${deployment.tokenId}', (1000000 + n)::text, 'APP', 'App ' || n, '{iOS}', true, true, 10 + n, 0, 10 + n, 0, now()
   FROM generate_series(1, ${many}) n`,
  `INSERT INTO "user" (id, display_name, principal_name, added_at)
   SELECT gen_random_uuid(), 'Person ' || n, 'p' || n || '@example.com', now() FROM generate_series(1, ${many}) n`,
  `INSERT INTO device (id, serial, name, platform, last_seen_at, added_at)
   SELECT gen_random_uuid(), 'SERIAL' || n, 'Tablet ' || n, 'iOS', now(), now() FROM generate_series(1, ${many}) n`,
  `INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
   SELECT '${deployment.tokenId}', id, id, 'ASSOCIATED', now() FROM "user"`,
  `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, state, started_at, start_cause,
                        start_actor, assigned_at)
   SELECT '${deployment.tokenId}', ${deployment.storeAppId}, 'DEVICE', serial, id, 'HELD', now(), 'SYNC', 'apple', now()
   FROM device`,
  `INSERT INTO installation (token_id, deployment_id, store_app_id, target_id, device_id, want, state, state_at, queued_at,
                             created_at)
   SELECT '${deployment.tokenId}', ${deployment.id}, ${deployment.storeAppId}, '${deployment.targetId}', id, 'PRESENT',
          'INSTALLED', now(), now(), now()
   FROM device`,
  `INSERT INTO apple_operation (token_id, store_app_id, intent, state, next_attempt_at, cause, actor, created_at, ended_at)
   SELECT '${deployment.tokenId}', ${deployment.storeAppId}, 'ASSOCIATE', 'DONE', now(), 'DEPLOYMENT', 'admin', now(), now()
   FROM generate_series(1, ${many})`,
  `INSERT INTO sync_run (token_id, mode, trigger, state, started_at, ended_at)
   SELECT '${deployment.tokenId}', 'DELTA', 'SCHEDULE', 'SUCCEEDED', now() - n * interval '1 hour', now()
   FROM generate_series(1, ${many}) n`,
  `INSERT INTO collection (id, name, kind, target_id, external_id, added_at)
   SELECT gen_random_uuid(), 'Group ' || n, 'DEVICE', '${deployment.targetId}', n::text, now()
   FROM generate_series(1, ${many}) n`,
];

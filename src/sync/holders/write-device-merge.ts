import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { moveMemberships } from "./move-memberships.js";
import type { DeviceAliasRow, DeviceMergePlan, DeviceRow, NewDeviceAlias } from "./plan-device-merge.js";

/** Writes a plan, a statement a kind of change. */
export async function writeDeviceMerge(
  tx: EntityManager,
  core: Core,
  targetId: string,
  plan: DeviceMergePlan,
): Promise<void> {
  if (plan.changedDevices.length > 0) await updateDevices(tx, core, plan.changedDevices);
  if (plan.newDevices.length > 0) await insertDevices(tx, core, plan.newDevices);
  if (plan.changedAliases.length > 0) await updateAliases(tx, core, plan.changedAliases);
  if (plan.losesNames) await addJob(tx, "leave-target", { targetId });
  if (plan.newAliases.length > 0) await insertAliases(tx, core, targetId, plan.newAliases);
  if (plan.returned.length > 0) await endElsewhere(tx, core, targetId, plan.returned);
  if (plan.moves.length > 0) await moveMemberships(tx, "device_id", plan.moves);
}

async function updateDevices(tx: EntityManager, core: Core, devices: readonly DeviceRow[]): Promise<void> {
  await tx.query(
    `UPDATE device SET serial = told.serial, name = told.name, platform = told.platform, user_id = told.user_id,
                       state = told.state, last_seen_at = told.last_seen_at,
                       lost_at = CASE WHEN told.lost THEN $9 ELSE device.lost_at END
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::timestamptz[], $8::boolean[])
            AS told(id, serial, name, platform, user_id, state, last_seen_at, lost)
     WHERE device.id = told.id`,
    [...columnsOf(devices), devices.map(({ lost }) => lost ?? false), core.clock.now()],
  );
  if (devices.some(({ lost }) => lost)) await addJob(tx, "leave-lost-devices", {});
}

async function insertDevices(tx: EntityManager, core: Core, devices: readonly DeviceRow[]): Promise<void> {
  await tx.query(
    `INSERT INTO device (id, serial, name, platform, user_id, state, last_seen_at, added_at)
     SELECT told.*, $8
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::timestamptz[]) AS told`,
    [...columnsOf(devices), core.clock.now()],
  );
}

function columnsOf(devices: readonly DeviceRow[]): unknown[] {
  return [
    devices.map((device) => device.id),
    devices.map((device) => device.serial),
    devices.map((device) => device.name),
    devices.map((device) => device.platform),
    devices.map((device) => device.userId),
    devices.map((device) => device.state),
    devices.map((device) => device.lastSeenAt),
  ];
}

async function updateAliases(tx: EntityManager, core: Core, aliases: readonly DeviceAliasRow[]): Promise<void> {
  await tx.query(
    `UPDATE holder_alias SET device_id = told.device_id, serial = told.serial, udid = told.udid,
                             gone_at = CASE WHEN told.gone THEN COALESCE(holder_alias.gone_at, $6) END
     FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::boolean[]) AS told(id, device_id, serial, udid, gone)
     WHERE holder_alias.id = told.id`,
    [
      aliases.map((alias) => alias.id),
      aliases.map((alias) => alias.deviceId),
      aliases.map((alias) => alias.serial),
      aliases.map((alias) => alias.udid),
      aliases.map((alias) => alias.gone),
      core.clock.now(),
    ],
  );
}

async function insertAliases(
  tx: EntityManager,
  core: Core,
  targetId: string,
  aliases: readonly NewDeviceAlias[],
): Promise<void> {
  await tx.query(
    `INSERT INTO holder_alias (target_id, external_id, device_id, serial, udid, gone_at)
     SELECT $1, external_id, device_id, serial, udid, CASE WHEN gone THEN $7::timestamptz END
     FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::boolean[]) AS told(external_id, device_id, serial, udid, gone)`,
    [
      targetId,
      aliases.map((alias) => alias.externalId),
      aliases.map((alias) => alias.deviceId),
      aliases.map((alias) => alias.serial),
      aliases.map((alias) => alias.udid),
      aliases.map((alias) => alias.gone),
      core.clock.now(),
    ],
  );
}

async function endElsewhere(
  tx: EntityManager,
  core: Core,
  targetId: string,
  deviceIds: readonly string[],
): Promise<void> {
  await tx.query(
    "UPDATE holder_alias SET gone_at = $3 WHERE device_id = ANY($1) AND target_id <> $2 AND gone_at IS NULL",
    [deviceIds, targetId, core.clock.now()],
  );
}

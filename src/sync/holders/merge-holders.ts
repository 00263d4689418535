import type { EntityManager } from "typeorm";
import { normalizeSerial } from "../../entities/device.js";
import { normalizePrincipalName } from "../../entities/user.js";
import type { DeviceNews, DeviceRecord, UserRecord } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { completeDevices } from "./complete-devices.js";
import { handOver } from "./hand-over.js";
import { lastOfEach } from "./last-of-each.js";
import { lockHolders } from "./lock-holders.js";
import { type DeviceAliasRow, type DeviceRow, planDeviceMerge } from "./plan-device-merge.js";
import { planUserMerge, type UserAliasRow, type UserRow } from "./plan-user-merge.js";
import { refreshCollections } from "./refresh-collections.js";
import { writeDeviceMerge } from "./write-device-merge.js";
import { writeUserMerge } from "./write-user-merge.js";

/**
 * Brings our users in step with what a target says of these: adds and changes, never takes away. Some thousands at a
 * time. Adds the jobs of the collections that are concerned. Call it first in a transaction that does more.
 */
export async function mergeUsers(
  tx: EntityManager,
  core: Core,
  targetId: string,
  records: readonly UserRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await lockHolders(tx);
  await nameAgain(tx, targetId, records);
  const names = records.flatMap((record) => normalizePrincipalName(record.principalName) ?? []);
  const aliases = await rows<UserAliasRow>(
    tx,
    `SELECT id, external_id AS "externalId", user_id AS "userId", upn
     FROM holder_alias WHERE target_id = $1 AND user_id IS NOT NULL AND external_id = ANY($2)`,
    [targetId, records.map((record) => record.externalId)],
  );
  const users = await rows<UserRow>(
    tx,
    `SELECT "user".id, principal_name AS "principalName", display_name AS "displayName", email,
            managed_apple_id AS "managedAppleId", alias.count AS aliases, alias.oldest AS "homeAliasId"
     FROM "user", LATERAL (SELECT count(*)::int AS count, min(id) AS oldest FROM holder_alias
                           WHERE user_id = "user".id AND gone_at IS NULL) alias
     WHERE principal_name = ANY($1) OR "user".id = ANY($2)`,
    [names, aliases.map((alias) => alias.userId)],
  );
  const plan = planUserMerge(records, { users, aliases }, core.clock.uuid);
  await writeUserMerge(tx, core, targetId, plan);
  const returned = await welcomeBack(tx, targetId, records);
  await tryTheirsAgain(tx, returned);
  const moved = plan.moves.flatMap(({ from, to }) => [from, to]);
  const deviceIds = await handOver(tx, plan.moves);
  await refreshCollections(tx, { userIds: [...moved, ...returned], deviceIds });
}

/** A name that a target no longer had, and has again. */
async function nameAgain(tx: EntityManager, targetId: string, records: readonly UserRecord[]): Promise<void> {
  await tx.query(
    `UPDATE holder_alias SET gone_at = NULL
     WHERE target_id = $1 AND user_id IS NOT NULL AND gone_at IS NOT NULL AND external_id = ANY($2)`,
    [targetId, records.map((record) => record.externalId)],
  );
}

/** Whoever had left and is told of again has not left. */
async function welcomeBack(tx: EntityManager, targetId: string, records: readonly UserRecord[]): Promise<string[]> {
  const returned = await rows<{ id: string }>(
    tx,
    `UPDATE "user" SET left_at = NULL
     WHERE left_at IS NOT NULL
       AND id IN (SELECT user_id FROM holder_alias
                  WHERE target_id = $1 AND user_id IS NOT NULL AND external_id = ANY($2))
     RETURNING id`,
    [targetId, records.map((record) => record.externalId)],
  );
  return returned.map(({ id }) => id);
}

/** Whose installations were refused since they had left. */
async function tryTheirsAgain(tx: EntityManager, userIds: readonly string[]): Promise<void> {
  const refused = await rows<{ tokenId: string }>(
    tx,
    `SELECT DISTINCT token_id AS "tokenId" FROM installation WHERE user_id = ANY($1) AND reason = 'USER_LEFT' ORDER BY 1`,
    [userIds],
  );
  for (const token of refused) await addJob(tx, "license-installations", token);
}

/**
 * The same for devices. Their users must be known: merge them first. Adds the jobs of the collections that are
 * concerned: those of the devices and of the users who have got or lost one.
 */
export async function mergeDevices(
  tx: EntityManager,
  core: Core,
  targetId: string,
  news: readonly DeviceNews[],
): Promise<void> {
  if (news.length === 0) return;
  await lockHolders(tx);
  const records = await completeDevices(tx, targetId, news);
  const enrolled = lastOfEach(records).filter(({ state }) => state === "enrolled");
  const serials = records.flatMap((record) => normalizeSerial(record.serial) ?? []);
  const aliases = await rows<DeviceAliasRow>(
    tx,
    `SELECT id, external_id AS "externalId", device_id AS "deviceId", serial, udid, gone_at IS NOT NULL AS gone
     FROM holder_alias WHERE target_id = $1 AND device_id IS NOT NULL AND external_id = ANY($2)`,
    [targetId, records.map((record) => record.externalId)],
  );
  const devices = await rows<DeviceRow>(
    tx,
    `SELECT device.id, serial, name, platform, user_id AS "userId", state, last_seen_at AS "lastSeenAt",
            alias.count AS aliases, alias.here AS "aliasesHere", alias.oldest AS "homeAliasId"
     FROM device, LATERAL (SELECT count(*)::int AS count, min(id) AS oldest,
                                  (count(*) FILTER (WHERE target_id = $3))::int AS here
                           FROM holder_alias
                           WHERE device_id = device.id
                             AND (gone_at IS NULL OR target_id = $3 AND external_id = ANY($4))) alias
     WHERE serial = ANY($1) OR device.id = ANY($2)`,
    [serials, aliases.map((alias) => alias.deviceId), targetId, enrolled.map(({ externalId }) => externalId)],
  );
  const userIds = await readUserIds(tx, targetId, records);
  const plan = planDeviceMerge(records, { devices, aliases, userIds }, core.clock.uuid);
  await writeDeviceMerge(tx, core, targetId, plan);
  await refreshCollections(tx, { userIds: [...plan.concernedUsers], deviceIds: [...plan.concernedDevices] });
}

async function readUserIds(
  tx: EntityManager,
  targetId: string,
  records: readonly DeviceRecord[],
): Promise<Map<string, string>> {
  const users = await rows<{ external_id: string; user_id: string }>(
    tx,
    `SELECT external_id, user_id FROM holder_alias
     WHERE target_id = $1 AND user_id IS NOT NULL AND external_id = ANY($2)`,
    [targetId, records.flatMap((record) => record.userExternalId ?? [])],
  );
  return new Map(users.map((user) => [user.external_id, user.user_id]));
}

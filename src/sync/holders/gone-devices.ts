import type { EntityManager } from "typeorm";
import { DeviceState } from "../../entities/device.js";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import type { GoneHolders, ListedHolders } from "./mark-gone-holders.js";
import type { Concerned } from "./refresh-collections.js";

/**
 * SQL for whether a device of which the name `alias` has gone is lost to nobody: it has another name that outlives this
 * listing, at the same target, or at another one through which it has whatever it has.
 */
const OUTLIVES_SQL = `EXISTS (
  SELECT FROM holder_alias other
  WHERE other.device_id = device.id AND other.id <> alias.id AND other.gone_at IS NULL
    AND CASE WHEN other.target_id = $1 THEN other.id > $2 OR other.external_id = ANY($3)
             ELSE NOT EXISTS (SELECT FROM installation i
                              WHERE i.device_id = device.id AND i.target_id = $1 AND i.left_at IS NULL
                                AND i.state NOT IN ('REMOVED', 'CANCELLED', 'NOT_APPLICABLE', 'SUPERSEDED')) END)`;

/** The target's names of managed devices that its complete listing no longer has. */
export async function findGoneDevices(
  tx: EntityManager,
  targetId: string,
  listed: ListedHolders,
): Promise<GoneHolders> {
  const known = `FROM holder_alias alias JOIN device ON device.id = alias.device_id
                 WHERE alias.target_id = $1 AND alias.gone_at IS NULL AND device.state = '${DeviceState.ENROLLED}'`;
  const gone = await rows<{ id: string; deviceId: string; outlives: boolean }>(
    tx,
    `SELECT alias.id, device.id AS "deviceId", ${OUTLIVES_SQL} AS outlives
     ${known} AND alias.id <= $2
       AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS listed(external_id)
                       WHERE listed.external_id = alias.external_id)`,
    [targetId, listed.newestAliasId, [...listed.externalIds]],
  );
  const before = await row<{ count: number }>(tx, `SELECT count(DISTINCT device.id)::int AS count ${known}`, [
    targetId,
  ]);
  return {
    aliasIds: gone.map(({ id }) => id),
    lost: new Set(gone.filter(({ outlives }) => !outlives).map(({ deviceId }) => deviceId)).size,
    before: before?.count ?? 0,
  };
}

/**
 * Puts down that a target no longer knows these names; a device that is left without any other counts as deleted: few
 * products say so in any other way than by leaving it out.
 * @returns what is concerned.
 */
export async function markGoneDevices(tx: EntityManager, core: Core, aliasIds: readonly string[]): Promise<Concerned> {
  const unnamed = await rows<{ device_id: string; target_id: string }>(
    tx,
    "UPDATE holder_alias SET gone_at = $2 WHERE id = ANY($1) AND gone_at IS NULL RETURNING device_id, target_id",
    [aliasIds, core.clock.now()],
  );
  const gone = await rows<{ id: string; user_id: string | null }>(
    tx,
    `UPDATE device SET state = '${DeviceState.DELETED}', lost_at = $2
     WHERE id = ANY($1) AND state = '${DeviceState.ENROLLED}'
       AND NOT EXISTS (SELECT FROM holder_alias WHERE device_id = device.id AND gone_at IS NULL)
     RETURNING id, user_id`,
    [unnamed.map(({ device_id }) => device_id), core.clock.now()],
  );
  if (gone.length > 0) await addJob(tx, "leave-lost-devices", {});
  for (const targetId of new Set(unnamed.map(({ target_id }) => target_id))) {
    await addJob(tx, "leave-target", { targetId });
  }
  return {
    deviceIds: unnamed.map(({ device_id }) => device_id),
    userIds: gone.flatMap(({ user_id }) => user_id ?? []),
  };
}

import type { EntityManager } from "typeorm";
import { DeviceState } from "../../entities/device.js";
import { row, rows } from "../../queries/sql.js";
import type { GoneHolders, ListedHolders } from "./mark-gone-holders.js";
import { refreshCollections } from "./refresh-collections.js";

/** The devices that only this target knew and its complete listing no longer has. */
export async function findGoneDevices(
  tx: EntityManager,
  targetId: string,
  listed: ListedHolders,
): Promise<GoneHolders> {
  const enrolled = `FROM device JOIN holder_alias alias ON alias.device_id = device.id
                    WHERE alias.target_id = $1 AND device.state = '${DeviceState.ENROLLED}'`;
  const gone = await rows<{ id: string }>(
    tx,
    `SELECT device.id ${enrolled} AND alias.id <= $2
       AND NOT EXISTS (SELECT FROM holder_alias other WHERE other.device_id = device.id AND other.id <> alias.id)
       AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS listed(external_id)
                       WHERE listed.external_id = alias.external_id)`,
    [targetId, listed.newestAliasId, [...listed.externalIds]],
  );
  const before = await row<{ count: number }>(tx, `SELECT count(DISTINCT device.id)::int AS count ${enrolled}`, [
    targetId,
  ]);
  return { ids: gone.map(({ id }) => id), before: before?.count ?? 0 };
}

/** Counts these devices as deleted: few products say so in any other way than by leaving them out. */
export async function markGoneDevices(tx: EntityManager, deviceIds: readonly string[]): Promise<void> {
  const gone = await rows<{ user_id: string | null }>(
    tx,
    `UPDATE device SET state = '${DeviceState.DELETED}' WHERE id = ANY($1) RETURNING user_id`,
    [deviceIds],
  );
  await refreshCollections(tx, { deviceIds, userIds: gone.flatMap(({ user_id }) => user_id ?? []) });
}

import type { EntityManager } from "typeorm";
import type { DeviceNews, DeviceRecord } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";

/** A device as this target has told of it until now. */
interface KnownDevice extends DeviceRecord {
  /** No other target tells of it, so all that is known came from here. */
  readonly isOurs: boolean;
}

const NOTHING_KNOWN: Omit<DeviceRecord, "externalId" | "state" | "lastSeenAt"> = {
  serial: null,
  udid: null,
  name: null,
  platform: null,
  userExternalId: null,
};

/**
 * What a target tells of devices, completed by what it has told before. News that are older than that, since events come in
 * any order, only fill in what was not known.
 */
export async function completeDevices(
  tx: EntityManager,
  targetId: string,
  news: readonly DeviceNews[],
): Promise<DeviceRecord[]> {
  const known = await readKnown(tx, targetId, news);
  return news.map((told) => {
    const before = known.get(told.externalId);
    const device = complete(told, before);
    known.set(told.externalId, { ...device, isOurs: before?.isOurs ?? true });
    return device;
  });
}

function complete(told: DeviceNews, known: KnownDevice | undefined): DeviceRecord {
  if (!known) return { ...NOTHING_KNOWN, ...told };
  const { isOurs, ...device } = known;
  if (!isOurs || !isOlder(told, device)) return { ...device, ...told };
  const blanks = Object.fromEntries(Object.entries(device).filter(([, value]) => value === null));
  return { ...device, ...Object.fromEntries(Object.entries(told).filter(([field]) => field in blanks)) };
}

function isOlder(told: DeviceNews, { lastSeenAt }: DeviceRecord): boolean {
  return told.lastSeenAt !== null && lastSeenAt !== null && told.lastSeenAt < lastSeenAt;
}

async function readKnown(
  tx: EntityManager,
  targetId: string,
  news: readonly DeviceNews[],
): Promise<Map<string, KnownDevice>> {
  const known = await rows<KnownDevice>(
    tx,
    `SELECT alias.external_id AS "externalId", alias.serial, alias.udid, device.name, device.platform,
            lower(device.state) AS state, device.last_seen_at AS "lastSeenAt", user_alias.external_id AS "userExternalId",
            NOT EXISTS (SELECT 1 FROM holder_alias other WHERE other.device_id = device.id AND other.target_id <> $1
                                                           AND other.gone_at IS NULL) AS "isOurs"
     FROM holder_alias alias
     JOIN device ON device.id = alias.device_id
     LEFT JOIN LATERAL (SELECT external_id FROM holder_alias WHERE user_id = device.user_id AND target_id = $1
                        ORDER BY gone_at IS NOT NULL, id DESC LIMIT 1) user_alias ON true
     WHERE alias.target_id = $1 AND alias.device_id IS NOT NULL AND alias.external_id = ANY($2)`,
    [targetId, news.map(({ externalId }) => externalId)],
  );
  return new Map(known.map((device) => [device.externalId, device]));
}

import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { callTarget } from "../targets/call-target.js";
import type { GiveWay } from "../targets/give-way.js";

/** How many devices one call to a target is about at most. */
const BATCH = 500;

/** How long one call to a target may take. Real time. */
const CALL_DEADLINE_MS = 60_000;

/** How long a device has to answer before it is asked again. */
const AGAIN_MS = 7 * 86_400_000;

interface UnknownDevice {
  readonly aliasId: string;
  readonly externalId: string;
  readonly udid: string | null;
  /** The same until the device has been asked. */
  readonly key: string;
}

/**
 * Has a target ask its devices for their serial numbers, those that it has not told: devices that had enrolled before it was
 * added are known by their UDID alone. One without a UDID (User Enrollment) has no serial number to tell.
 */
export async function inquireDevices(core: Core, targetId: string, giveWay: GiveWay): Promise<void> {
  for (;;) {
    const unknown = await unknownDevices(core, targetId);
    if (unknown.length === 0) return;
    const inquiries = unknown.map(({ key, externalId, udid }) => ({ key, device: { externalId, udid } }));
    await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
      connection.inquire?.(inquiries, signal),
    );
    await core.dataSource.query("UPDATE holder_alias SET inquired_at = $2 WHERE id = ANY($1)", [
      unknown.map(({ aliasId }) => aliasId),
      core.clock.now(),
    ]);
    await giveWay(core, targetId);
  }
}

function unknownDevices(core: Core, targetId: string): Promise<UnknownDevice[]> {
  return rows<UnknownDevice>(
    core.dataSource,
    `SELECT alias.id AS "aliasId", alias.external_id AS "externalId", alias.udid,
            alias.id || ':' || COALESCE(extract(epoch FROM alias.inquired_at), 0)::bigint AS key
     FROM holder_alias alias JOIN device ON device.id = alias.device_id
     WHERE alias.target_id = $1 AND alias.gone_at IS NULL AND alias.serial IS NULL AND alias.udid IS NOT NULL
       AND device.state = 'ENROLLED' AND (alias.inquired_at IS NULL OR alias.inquired_at <= $2)
     ORDER BY alias.id LIMIT ${BATCH}`,
    [targetId, core.clock.in(-AGAIN_MS)],
  );
}

import type { EntityManager } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { DeviceState } from "../../entities/device.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { refreshCollections } from "./refresh-collections.js";
import { clearShrinkAlerts, raiseShrinkAlert } from "./shrink-alert.js";
import { losesTooMuch } from "./shrink-guard.js";

/** A complete listing of a target's devices. */
export interface ListedDevices {
  /** The target's ids of all of them. */
  readonly externalIds: ReadonlySet<string>;
  /** The newest alias when the listing began: what came later, by webhook, it may not have seen. */
  readonly newestAliasId: string;
}

/**
 * After a complete listing of devices: one that only this target knew and no longer lists was deleted there, which few
 * products say in any other way. If too many were, none is marked, and an alert says so (rule 6).
 */
export async function markGoneDevices(
  tx: EntityManager,
  core: Core,
  target: { readonly id: string; readonly name: string },
  listed: ListedDevices,
): Promise<void> {
  const enrolled = `FROM device JOIN holder_alias alias ON alias.device_id = device.id
                    WHERE alias.target_id = $1 AND device.state = '${DeviceState.ENROLLED}'`;
  const gone = await rows<{ id: string; user_id: string | null }>(
    tx,
    `SELECT device.id, device.user_id ${enrolled} AND alias.id <= $2
       AND NOT EXISTS (SELECT FROM holder_alias other WHERE other.device_id = device.id AND other.id <> alias.id)
       AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS listed(external_id)
                       WHERE listed.external_id = alias.external_id)`,
    [target.id, listed.newestAliasId, [...listed.externalIds]],
  );
  const before = await row<{ count: number }>(tx, `SELECT count(DISTINCT device.id)::int AS count ${enrolled}`, [
    target.id,
  ]);
  const subject = encodeGlobalId("Target", target.id);
  if (losesTooMuch(gone.length, before?.count ?? 0) && !(await isConfirmed(tx, target.id, subject))) {
    await tx.query("UPDATE target SET shrink_held_at = COALESCE(shrink_held_at, $2) WHERE id = $1", [
      target.id,
      core.clock.now(),
    ]);
    await raiseShrinkAlert(
      tx,
      core,
      subject,
      `"${target.name}" no longer lists ${gone.length} of its ${before?.count} devices, so none of them counts as ` +
        "deleted. Check the permissions of its account, or import again with `confirmShrink`.",
    );
    return;
  }
  await tx.query("UPDATE target SET shrink_held_at = NULL WHERE id = $1 AND shrink_held_at IS NOT NULL", [target.id]);
  await clearShrinkAlerts(tx, core, [subject]);
  if (gone.length === 0) return;
  await tx.query(`UPDATE device SET state = '${DeviceState.DELETED}' WHERE id = ANY($1)`, [gone.map(({ id }) => id)]);
  await refreshCollections(tx, {
    deviceIds: gone.map(({ id }) => id),
    userIds: gone.flatMap(({ user_id }) => user_id ?? []),
  });
}

/** An alert that is open while nothing is held back: somebody has confirmed the loss. */
async function isConfirmed(tx: EntityManager, targetId: string, subject: string): Promise<boolean> {
  const confirmed = await row(
    tx,
    `SELECT 1 FROM target JOIN alert ON alert.subject = $2 AND alert.cleared_at IS NULL
     WHERE target.id = $1 AND target.shrink_held_at IS NULL AND alert.kind = '${AlertKind.MEMBERS_SHRINK_HELD}'`,
    [targetId, subject],
  );
  return confirmed !== null;
}

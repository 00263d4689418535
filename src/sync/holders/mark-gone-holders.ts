import type { EntityManager } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { findGoneDevices, markGoneDevices } from "./gone-devices.js";
import { findGoneUsers, markGoneUsers } from "./gone-users.js";
import { clearShrinkAlerts, raiseShrinkAlert } from "./shrink-alert.js";
import { losesTooMuch } from "./shrink-guard.js";

/** A complete listing of a target's users, or of its devices. */
export interface ListedHolders {
  /** The target's ids of all of them. */
  readonly externalIds: ReadonlySet<string>;
  /** The newest alias when the listing began: what came later, by webhook, it may not have seen. */
  readonly newestAliasId: string;
}

/** What a complete listing no longer has. */
export interface GoneHolders {
  readonly ids: readonly string[];
  /** How many there were. */
  readonly before: number;
}

const NONE: GoneHolders = { ids: [], before: 0 };

/**
 * After complete listings: a device that only this target knew and no longer lists was deleted there, and a person whom no
 * target lists any more has left. If it would be too many of either, none is marked, and an alert says so (rule 6).
 * @param listed null for a listing that was not complete: then nobody of that kind is gone.
 */
export async function markGoneHolders(
  tx: EntityManager,
  core: Core,
  target: { readonly id: string; readonly name: string },
  listed: { readonly users: ListedHolders | null; readonly devices: ListedHolders | null },
): Promise<void> {
  const users = listed.users ? await findGoneUsers(tx, target.id, listed.users) : NONE;
  const devices = listed.devices ? await findGoneDevices(tx, target.id, listed.devices) : NONE;
  const subject = encodeGlobalId("Target", target.id);
  const losses = [lossOf(users, "people"), lossOf(devices, "devices")].filter((loss) => loss !== null);
  if (losses.length > 0 && !(await isConfirmed(tx, target.id, subject))) {
    await tx.query("UPDATE target SET shrink_held_at = COALESCE(shrink_held_at, $2) WHERE id = $1", [
      target.id,
      core.clock.now(),
    ]);
    await raiseShrinkAlert(
      tx,
      core,
      subject,
      `"${target.name}" no longer lists ${losses.join(" and ")}, so nobody and nothing counts as gone. ` +
        "Check the permissions of its account, or import again with `confirmShrink`.",
    );
    return;
  }
  await tx.query("UPDATE target SET shrink_held_at = NULL WHERE id = $1 AND shrink_held_at IS NOT NULL", [target.id]);
  await clearShrinkAlerts(tx, core, [subject]);
  if (users.ids.length > 0) await markGoneUsers(tx, core, users.ids);
  if (devices.ids.length > 0) await markGoneDevices(tx, devices.ids);
}

function lossOf({ ids, before }: GoneHolders, what: string): string | null {
  return losesTooMuch(ids.length, before) ? `${ids.length} of its ${before} ${what}` : null;
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

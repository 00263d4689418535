import type { EntityManager } from "typeorm";
import { encodeGlobalId } from "../../entities/global-id.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { findGoneDevices, markGoneDevices } from "./gone-devices.js";
import { findGoneUsers, markGoneUsers } from "./gone-users.js";
import type { Concerned } from "./refresh-collections.js";
import { clearShrinkAlerts, raiseShrinkAlert, subjectsWithShrinkAlert } from "./shrink-alert.js";
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
  /** The target's names of them. */
  readonly aliasIds: readonly string[];
  /** How many count as lost, of how many there were. */
  readonly lost: number;
  readonly before: number;
}

const NONE: GoneHolders = { aliasIds: [], lost: 0, before: 0 };
const NOTHING: Concerned = { userIds: [], deviceIds: [] };

/**
 * After complete listings: a device that no target lists any more was deleted, and a person whom none lists has left. If it
 * would be too many of either, none is marked, and an alert says so (rule 6).
 * @param listed null for a listing that was not complete: then nobody of that kind is gone, and nothing that is held back
 * is over.
 * @returns what is concerned.
 */
export async function markGoneHolders(
  tx: EntityManager,
  core: Core,
  target: { readonly id: string; readonly name: string },
  listed: { readonly users: ListedHolders | null; readonly devices: ListedHolders | null },
): Promise<Concerned> {
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
    return NOTHING;
  }
  if (losses.length > 0 || (listed.users && listed.devices)) await endHold(tx, core, target.id, subject);
  if (users.aliasIds.length > 0) await markGoneUsers(tx, core, users.aliasIds);
  return devices.aliasIds.length > 0 ? markGoneDevices(tx, core, devices.aliasIds) : NOTHING;
}

function lossOf({ lost, before }: GoneHolders, what: string): string | null {
  return losesTooMuch(lost, before) ? `${lost} of its ${before} ${what}` : null;
}

/** An open alert while nothing is held back: somebody has confirmed the loss. Locked: they may be about to. */
async function isConfirmed(tx: EntityManager, targetId: string, subject: string): Promise<boolean> {
  const target = await row<{ held: boolean }>(
    tx,
    "SELECT shrink_held_at IS NOT NULL AS held FROM target WHERE id = $1 FOR NO KEY UPDATE",
    [targetId],
  );
  return target?.held === false && (await subjectsWithShrinkAlert(tx, [subject])).has(subject);
}

async function endHold(tx: EntityManager, core: Core, targetId: string, subject: string): Promise<void> {
  await tx.query("UPDATE target SET shrink_held_at = NULL WHERE id = $1 AND shrink_held_at IS NOT NULL", [targetId]);
  await clearShrinkAlerts(tx, core, [subject]);
}

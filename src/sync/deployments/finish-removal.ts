import { LicenseCause } from "../../entities/license.js";
import { Token, WRITABLE_HEALTH } from "../../entities/token.js";
import { type Reader, row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { returnLicenses } from "../licenses/return-licenses.js";
import { deleteToken, lockWholeToken } from "./delete-token.js";

const BATCH = 5_000;

/** How long to leave Apple, and whoever is to make the token write again, before the next look. */
const PAUSE_MS = 15_000;

/** SQL for the licences of a token ($1) that can and may be given back and are not on their way. */
const RETURNABLE = `license JOIN store_app app ON app.token_id = license.token_id AND app.id = license.store_app_id
  WHERE license.token_id = $1 AND license.state = 'HELD' AND license.operation_id IS NULL AND app.revocable
    AND NOT license.never_reclaim`;

/**
 * Returns the licences of a token that is being removed, those that were found meanwhile included, and deletes it once
 * nothing of it is open at Apple; licences that cannot be taken back, or are protected, stay with their holders. While the token may not
 * write, all waits.
 */
export async function finishRemoval(core: Core, { tokenId }: Jobs["remove-token"]): Promise<void> {
  const token = await core.dataSource.manager.findOneBy(Token, { id: tokenId });
  if (!token || token.removingAt === null) return;
  if (WRITABLE_HEALTH.includes(token.health.state)) {
    while (await returnBatch(core, token)) {
      // Until every licence that can come back is on its way.
    }
  }
  const removed = !(await isOpen(core.dataSource, tokenId)) && (await deleteIfSettled(core, tokenId));
  if (removed) return;
  await core.dataSource.transaction((tx) => addJob(tx, "remove-token", { tokenId }, core.clock.in(PAUSE_MS)));
}

async function deleteIfSettled(core: Core, tokenId: string): Promise<boolean> {
  return core.dataSource.transaction(async (tx) => {
    await lockWholeToken(tx, tokenId);
    if (await isOpen(tx, tokenId)) return false;
    await deleteToken(tx, core, tokenId);
    return true;
  });
}

/** @returns whether there may be more. */
async function returnBatch(core: Core, token: Token): Promise<boolean> {
  return core.dataSource.transaction(async (tx) => {
    const held = await rows<{ id: string }>(
      tx,
      `SELECT license.id FROM ${RETURNABLE} ORDER BY license.id LIMIT ${BATCH} FOR UPDATE OF license`,
      [token.id],
    );
    const ids = held.map(({ id }) => id);
    const actor = token.removingActor ?? "admin";
    const returning = await returnLicenses(tx, core, token.id, ids, actor, LicenseCause.MANUAL);
    return returning.size > 0 && held.length === BATCH;
  });
}

/** A change is under way at Apple, or has to be: nothing is deleted that we still answer for. */
async function isOpen(db: Reader, tokenId: string): Promise<boolean> {
  const open = await row<{ open: boolean }>(
    db,
    `SELECT EXISTS (SELECT FROM apple_operation WHERE token_id = $1 AND ended_at IS NULL)
         OR EXISTS (SELECT FROM ${RETURNABLE}) AS open`,
    [tokenId],
  );
  return open?.open ?? false;
}

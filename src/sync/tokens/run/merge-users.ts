import type { EntityManager } from "typeorm";
import { AppleUserStatus, LIVE_APPLE_USER_SQL } from "../../../entities/apple-user.js";
import { SyncMode } from "../../../entities/sync-run.js";
import { countChanges } from "./count-changes.js";
import type { ListRead } from "./read-pages.js";
import type { RowCounts, SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

const LIVE_AT_APPLE = `status IN ('${AppleUserStatus.REGISTERED}', '${AppleUserStatus.ASSOCIATED}')`;
const FIELDS = ["status", "email", "invite_code", "invitation_url", "id_hash"];

/** Ours that a merge may touch (rule 3): live, without an open operation, and not proven later than the page. */
const TOUCHABLE = `ours.token_id = $1 AND ours.${LIVE_APPLE_USER_SQL} AND ours.operation_id IS NULL`;

/**
 * Brings the token's AppleUsers in step with a list, or with what has changed in it. At Apple at most one registration of a
 * client user id is live, any number are over; those that are over have no key, so they are told apart by their number.
 */
export async function mergeUsers(
  tx: EntityManager,
  run: SyncRunRecord,
  staging: Staging,
  list: ListRead,
): Promise<RowCounts> {
  const { registration } = staging.tables;
  const changed = await countChanges(tx, updateLive(registration), [run.tokenId]);
  const retired = await countChanges(tx, retire(registration), [run.tokenId, run.mode === SyncMode.FULL]);
  const gone = await countChanges(tx, endMissing(staging), [run.tokenId]);
  const added = await countChanges(tx, insertLive(registration), [run.tokenId]);
  const addedOver = await countChanges(tx, insertOver(registration, list.moved), [run.tokenId]);
  return { added: added + addedOver, changed: changed + retired + gone, ended: 0 };
}

/** Puts down which live registrations of ours a whole list, begun at that moment, does not show. @returns how many. */
export function findMissingUsers(
  tx: EntityManager,
  run: SyncRunRecord,
  { tables }: Staging,
  list: ListRead,
): Promise<number> {
  return countChanges(
    tx,
    `INSERT INTO ${tables.missing_user} (apple_user_id, client_user_id, missed_at)
     SELECT ours.id, ours.client_user_id, $2 FROM apple_user ours
     WHERE ${TOUCHABLE} AND ours.status <> '${AppleUserStatus.REQUESTED}' AND ours.proven_at < $2
       AND NOT EXISTS (SELECT 1 FROM ${tables.registration} told WHERE told.client_user_id = ours.client_user_id)`,
    [run.tokenId, list.requestedAt],
  );
}

/** Registrations of ours (alias `ours`) that neither of two whole lists shows at all. */
export function isOver({ tables }: Staging): string {
  return `${TOUCHABLE}
     AND EXISTS (SELECT 1 FROM ${tables.missing_user} missed WHERE missed.apple_user_id = ours.id AND ours.proven_at < missed.missed_at)
     AND NOT EXISTS (SELECT 1 FROM ${tables.registration_again} told WHERE told.client_user_id = ours.client_user_id)`;
}

/** Their holders stay visible by key. */
function endMissing(staging: Staging): string {
  return `
    UPDATE apple_user ours
    SET status = '${AppleUserStatus.RETIRED}', invite_code = NULL, invitation_url = NULL
    WHERE ${isOver(staging)}`;
}

function live(registration: string): string {
  return `(SELECT DISTINCT ON (client_user_id) * FROM ${registration} WHERE ${LIVE_AT_APPLE}
           ORDER BY client_user_id, requested_at DESC)`;
}

/** What Apple leaves out of a registration we know, it has not told: an e-mail address of ours stays. */
function updateLive(registration: string): string {
  const values = FIELDS.map((field) => (field === "email" ? "COALESCE(live.email, ours.email)" : `live.${field}`));
  return `
    UPDATE apple_user ours
    SET ${FIELDS.map((field, at) => `${field} = ${values[at]}`).join(", ")}, proven_at = live.requested_at
    FROM ${live(registration)} live
    WHERE ${TOUCHABLE} AND ours.client_user_id = live.client_user_id
      AND (ours.proven_at IS NULL OR ours.proven_at < live.requested_at)
      AND (${FIELDS.map((field) => `ours.${field}`).join(", ")}) IS DISTINCT FROM (${values.join(", ")})`;
}

/**
 * Live here, over at Apple. A delta may show an old registration that is over without the live one, so there one that we
 * know already does not end another.
 */
function retire(registration: string): string {
  return `
    UPDATE apple_user ours
    SET status = past.status, invite_code = past.invite_code, invitation_url = NULL,
        id_hash = COALESCE(past.id_hash, ours.id_hash), proven_at = past.requested_at
    FROM (SELECT DISTINCT ON (client_user_id) * FROM ${registration} WHERE NOT ${LIVE_AT_APPLE}
          ORDER BY client_user_id, requested_at DESC) past
    WHERE ${TOUCHABLE} AND ours.client_user_id = past.client_user_id
      AND (ours.proven_at IS NULL OR ours.proven_at < past.requested_at)
      AND NOT EXISTS (SELECT 1 FROM ${registration} live WHERE live.client_user_id = past.client_user_id
                                                          AND live.${LIVE_AT_APPLE})
      AND ($2 OR NOT EXISTS (SELECT 1 FROM apple_user known
                             WHERE known.token_id = $1 AND known.client_user_id = past.client_user_id
                               AND NOT known.${LIVE_APPLE_USER_SQL}
                               AND known.id_hash IS NOT DISTINCT FROM past.id_hash))`;
}

/** A registration that we have seen end after the page was asked for is not made again from it. */
function insertLive(registration: string): string {
  return `
    INSERT INTO apple_user (token_id, client_user_id, ${FIELDS.join(", ")}, proven_at, added_at)
    SELECT $1, live.client_user_id, ${FIELDS.map((field) => `live.${field}`).join(", ")}, live.requested_at, live.requested_at
    FROM ${live(registration)} live
    WHERE NOT EXISTS (SELECT 1 FROM apple_user ours
                      WHERE ours.token_id = $1 AND ours.client_user_id = live.client_user_id
                        AND (ours.${LIVE_APPLE_USER_SQL} OR ours.proven_at >= live.requested_at))
    ON CONFLICT DO NOTHING`;
}

/** @param moved the list changed while it was read, so a row may have come twice. */
function insertOver(registration: string, moved: boolean): string {
  const fields = `client_user_id, ${FIELDS.join(", ")}`;
  const rows = moved
    ? `SELECT ${fields}, max(requested_at) AS requested_at FROM ${registration} WHERE NOT ${LIVE_AT_APPLE} GROUP BY ${fields}`
    : `SELECT * FROM ${registration} WHERE NOT ${LIVE_AT_APPLE}`;
  return `
    INSERT INTO apple_user (token_id, client_user_id, ${FIELDS.join(", ")}, proven_at, added_at)
    SELECT $1, past.client_user_id, ${FIELDS.map((field) => `past.${field}`).join(", ")}, past.requested_at, past.requested_at
    FROM (SELECT told.*, row_number() OVER (PARTITION BY client_user_id ORDER BY id_hash NULLS LAST) AS place
          FROM (${rows}) told) past
    WHERE past.place > (SELECT count(*) FROM apple_user ours
                        WHERE ours.token_id = $1 AND ours.client_user_id = past.client_user_id
                          AND ours.status IN ('${AppleUserStatus.RETIRED}', '${AppleUserStatus.DELETED}'))`;
}

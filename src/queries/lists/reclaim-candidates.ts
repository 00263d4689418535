import { License } from "../../entities/license.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { equals, overlaps } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { ReclaimReason } from "../leak-reasons.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";
import { UNWANTED_SQL } from "../wanted-licenses.js";

/** A licence that its holder does not seem to need, and why. */
export interface ReclaimCandidate {
  readonly license: License;
  readonly reasons: readonly ReclaimReason[];
}

interface ReclaimCandidateFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly reason?: readonly string[] | null;
  readonly holderKind?: string | null;
}

const DAY = 24 * 60 * 60_000;
const MOST_DAYS = 3_650;

/**
 * Since when a device has to be silent that has been so for that many days.
 * @throws AppError INVALID_INPUT for less than one day, or more than 3,650.
 */
export function silentBefore(
  days: number,
  clock: { readonly now: () => Date; readonly scaled: (durationMs: number) => number },
): Date {
  if (days >= 1 && days <= MOST_DAYS) return new Date(clock.now().getTime() - clock.scaled(days * DAY));
  throw new AppError("INVALID_INPUT", `\`silentDays\` is a number from 1 to ${MOST_DAYS}.`, { silentDays: days });
}

export type ReclaimCandidateList = List<ReclaimCandidate, ReclaimCandidateFilter, "STARTED_AT">;

/** @param silentBefore devices that their target last heard from before this are silent; of others nothing is said. */
export function reclaimCandidateList(silentBefore: Date): ReclaimCandidateList {
  return {
    name: "reclaimCandidateList",
    from: placesSql(`'${silentBefore.toISOString()}'::timestamptz`),
    scope: withToken,
    key: TOKEN_SCOPED_KEY,
    filters: {
      token: (token) => refersTo(byToken, Token, token),
      storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
      reason: (reasons) => overlaps("reclaim_reasons", reasons),
      holderKind: (kind) => equals("holder_kind", kind),
    },
    orders: {
      STARTED_AT: { name: "started_at", type: "timestamptz" },
    },
    defaultOrder: { column: null, direction: "ASC" },
    read: (db, raw) => ({
      license: hydrate(db, License, raw),
      reasons: raw.reclaim_reasons as ReclaimReason[],
    }),
  };
}

/** Nobody here is known to hold it. */
const OF_NOBODY = "license.device_id IS NULL AND license.apple_user_id IS NULL";

/** An installation uses it. */
const USED = `(license.token_id, license.id) IN (
  SELECT used.token_id, used.license_id FROM installation used WHERE used.license_id IS NOT NULL)`;

/** No installation uses it; NOT EXISTS, so that a page of these reads no more installations than it has licences. */
const UNUSED = `NOT EXISTS (
  SELECT 1 FROM installation used WHERE used.token_id = license.token_id AND used.license_id = license.id)`;

/** What is nobody's and unused can have no other reason, so that nothing is looked up for each, nor any read for another reason. */
const HOLDER_UNKNOWN = "ARRAY['HOLDER_UNKNOWN']";

/** A registration holds it that is nobody's, or of somebody who has left. */
const OF_LEAVER = `license.apple_user_id IS NOT NULL AND (license.token_id, license.apple_user_id) IN (
  SELECT au.token_id, au.id FROM apple_user au LEFT JOIN "user" person ON person.id = au.user_id
  WHERE au.user_id IS NULL OR person.left_at IS NOT NULL)`;

/** Only installations that have left use it. */
const LEFT_BEHIND = `(license.token_id, license.id) IN (
  SELECT gone.token_id, gone.license_id FROM installation gone WHERE gone.license_id IS NOT NULL AND gone.left_at IS NOT NULL
) AND ${UNWANTED_SQL}`;

/**
 * Each kind of candidate is a place of its own, so that each is found from its few devices, registrations or installations.
 * Nobody is in two of them: a later place leaves out what an earlier one has.
 */
function placesSql(silentBefore: string): string[] {
  const quiet = `(device.state <> 'ENROLLED' OR device.last_seen_at < ${silentBefore})`;
  const ofQuietDevice = `license.device_id IN (SELECT device.id FROM device WHERE ${quiet})`;
  const ofQuietDevices = `license.holder_kind = 'USER' AND (license.token_id, license.id) IN (
    SELECT used.token_id, used.license_id FROM device JOIN installation used ON used.device_id = device.id
    WHERE used.license_id IS NOT NULL AND ${quiet}
  ) AND NOT EXISTS (
    SELECT 1 FROM installation used JOIN device ON device.id = used.device_id
    WHERE used.token_id = license.token_id AND used.license_id = license.id AND NOT COALESCE(${quiet}, false))`;
  const places = [
    `${OF_NOBODY} AND ${USED}`,
    OF_LEAVER,
    ofQuietDevice,
    `${LEFT_BEHIND} AND NOT COALESCE(${ofQuietDevice}, false) AND NOT (${OF_LEAVER}) AND NOT (${OF_NOBODY})`,
    `${ofQuietDevices} AND NOT (${OF_LEAVER}) AND NOT (${LEFT_BEHIND}) AND NOT (${OF_NOBODY})`,
  ];
  return [
    placeSql(`${OF_NOBODY} AND ${UNUSED}`, HOLDER_UNKNOWN),
    ...places.map((place) => placeSql(place, reasonsSql(quiet))),
  ];
}

function placeSql(place: string, reasons: string): string {
  return `(
    SELECT license.*, ${reasons} AS reclaim_reasons FROM license
    WHERE license.ended_at IS NULL AND license.state = 'HELD' AND ${place}
      AND license.token_id NOT IN (SELECT token.id FROM token WHERE token.authority = 'TARGET'))`;
}

/** All reasons there are for a licence (alias `license`), of whichever place. */
function reasonsSql(quiet: string): string {
  return `array_remove(ARRAY(
    SELECT CASE WHEN license.device_id IS NULL AND (
                  SELECT au.user_id FROM apple_user au
                  WHERE au.token_id = license.token_id AND au.id = license.apple_user_id) IS NULL
                THEN 'HOLDER_UNKNOWN' END AS reason
    UNION ALL
    SELECT 'USER_LEFT' FROM apple_user au JOIN "user" person ON person.id = au.user_id
    WHERE au.token_id = license.token_id AND au.id = license.apple_user_id AND person.left_at IS NOT NULL
    UNION ALL
    SELECT DISTINCT CASE WHEN deployment.deleted_at IS NULL THEN 'MEMBER_LEFT' ELSE 'DEPLOYMENT_DELETED' END
    FROM installation gone JOIN deployment ON deployment.token_id = gone.token_id AND deployment.id = gone.deployment_id
    WHERE gone.token_id = license.token_id AND gone.license_id = license.id AND ${UNWANTED_SQL}
    UNION ALL
    SELECT unnest(CASE WHEN bool_and(COALESCE(${quiet}, false)) THEN
             array_agg(DISTINCT 'DEVICE_' || CASE device.state WHEN 'ENROLLED' THEN 'SILENT' ELSE device.state END) END)
    FROM (SELECT license.device_id AS id WHERE license.device_id IS NOT NULL
          UNION
          SELECT used.device_id FROM installation used
          WHERE license.device_id IS NULL AND used.token_id = license.token_id AND used.license_id = license.id
         ) its JOIN device ON device.id = its.id
  ), NULL)`;
}

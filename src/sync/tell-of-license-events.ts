import { LICENSE_EVENT_STEP, type LicenseEventKind } from "../queries/lists/license-events.js";

/** More than these are not told of one by one: subscribers then read the newest. */
const MOST = 1_000;

/**
 * SQL that tells every replica of starts or ends of holdings, once they are committed: a column of the statement that has
 * written them. There is no trigger on licences, since a first synchronisation writes a million of them.
 * @param written the name of what that statement returned, with `token_id` and `id`
 */
export function tellOfLicenseEventsSql(written: string, kind: LicenseEventKind): string {
  return `(SELECT tell_of_changes('license_event', ARRAY(
             SELECT token_id || ':' || id || ':${LICENSE_EVENT_STEP[kind]}' FROM ${written} LIMIT ${MOST + 1})))`;
}

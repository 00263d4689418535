import { USUAL_ATTEMPTS } from "../../entities/apple-operation.js";
import { License } from "../../entities/license.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { equals, isAmong } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { LeakReason } from "../leak-reasons.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";
import { UNWANTED_SQL } from "../wanted-licenses.js";

/** A licence that is held at Apple, and that nothing here wants. */
export interface LeakedLicense {
  readonly license: License;
  readonly reason: LeakReason;
}

interface LeakedLicenseFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly reason?: readonly string[] | null;
  readonly holderKind?: string | null;
}

/** An MDM that owns its token answers for its licences itself, and does not say which installation uses which. */
const OPEN = `license.ended_at IS NULL
  AND license.token_id NOT IN (SELECT token.id FROM token WHERE token.authority = 'TARGET')`;

const UNWANTED = `${OPEN} AND license.state = 'HELD' AND ${UNWANTED_SQL}`;

/** No installation uses it, not even one that has left. */
const UNUSED = `${UNWANTED} AND license.abandoned_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM installation used WHERE used.token_id = license.token_id AND used.license_id = license.id)`;

const ABANDONED = `(SELECT license.*, 'ABANDONED'::text AS leak_reason FROM license
  WHERE license.abandoned_at IS NOT NULL AND ${UNWANTED})`;

/** OFFSET 0 has the reason found for these alone, also where it is filtered by. */
const KEPT = `(
  SELECT license.*, why.leak_reason FROM license CROSS JOIN LATERAL (
    SELECT CASE WHEN bool_and(deployment.deleted_at IS NOT NULL) THEN 'DEPLOYMENT_DELETED' ELSE 'MEMBER_LEFT' END AS leak_reason
    FROM installation kept JOIN deployment ON deployment.token_id = kept.token_id AND deployment.id = kept.deployment_id
    WHERE kept.token_id = license.token_id AND kept.license_id = license.id OFFSET 0) why
  WHERE license.abandoned_at IS NULL AND ${UNWANTED} AND (license.token_id, license.id) IN (
    SELECT gone.token_id, gone.license_id FROM installation gone
    WHERE gone.license_id IS NOT NULL AND gone.left_at IS NOT NULL))`;

const FOUND = `(SELECT license.*, 'FOUND_AT_APPLE'::text AS leak_reason FROM license
  WHERE license.start_cause IN ('SYNC', 'EXTERNAL') AND ${UNUSED})`;

const LEFT_OVER = `(
  SELECT license.*, CASE WHEN app.revocable THEN 'DEPLOYMENT_ENDED' ELSE 'IRREVOCABLE' END AS leak_reason
  FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = license.store_app_id
  WHERE license.start_cause IN ('DEPLOYMENT', 'MANUAL') AND ${UNUSED})`;

/** On its way back, where the usual attempts have not brought it: an installation that used it waits for just that. */
const RETURN_FAILED = `(
  SELECT license.*, 'RETURN_FAILED'::text AS leak_reason
  FROM apple_operation stuck JOIN license ON license.token_id = stuck.token_id AND license.operation_id = stuck.id
  WHERE stuck.ended_at IS NULL AND stuck.attempts - stuck.forgiven_attempts >= ${USUAL_ATTEMPTS}
    AND license.state = 'RETURNING' AND ${OPEN})`;

/** Each reason, or pair of reasons, is a place of its own, so that one that is rare is found without looking at all the others. */
export const leakedLicenseList: List<LeakedLicense, LeakedLicenseFilter, "STARTED_AT"> = {
  name: "leakedLicenseList",
  from: [ABANDONED, KEPT, FOUND, LEFT_OVER, RETURN_FAILED],
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    reason: (reasons) => isAmong("leak_reason", reasons),
    holderKind: (kind) => equals("holder_kind", kind),
  },
  orders: {
    STARTED_AT: { name: "started_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => ({ license: hydrate(db, License, raw), reason: raw.leak_reason as LeakReason }),
};

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

/** Of a licence (alias `license`) that nothing wants. */
const REASON_SQL = `CASE
  WHEN license.state = 'RETURNING' THEN 'RETURN_FAILED'
  WHEN license.abandoned_at IS NOT NULL THEN 'ABANDONED'
  ELSE COALESCE(
    (SELECT CASE WHEN bool_and(deployment.deleted_at IS NOT NULL) THEN 'DEPLOYMENT_DELETED' ELSE 'MEMBER_LEFT' END
     FROM installation kept JOIN deployment ON deployment.token_id = kept.token_id AND deployment.id = kept.deployment_id
     WHERE kept.token_id = license.token_id AND kept.license_id = license.id HAVING count(*) > 0),
    CASE WHEN license.start_cause IN ('SYNC', 'EXTERNAL') THEN 'FOUND_AT_APPLE'
         WHEN (SELECT app.revocable FROM store_app app
               WHERE app.token_id = license.token_id AND app.id = license.store_app_id) THEN 'DEPLOYMENT_ENDED'
         ELSE 'IRREVOCABLE' END) END`;

/** One on its way back is leaked when the usual attempts have not brought it there. */
const HELD_AT_APPLE = `(license.state = 'HELD' OR license.state = 'RETURNING' AND EXISTS (
  SELECT 1 FROM apple_operation stuck
  WHERE stuck.token_id = license.token_id AND stuck.id = license.operation_id AND stuck.ended_at IS NULL
    AND stuck.attempts - stuck.forgiven_attempts >= ${USUAL_ATTEMPTS}))`;

/**
 * An MDM that owns its token answers for its licences itself, and does not say which installation uses which. OFFSET 0 has
 * the reason found for the leaked ones alone, also where it is filtered by.
 */
const LEAKED = `(
  SELECT license.*, why.leak_reason FROM license CROSS JOIN LATERAL (SELECT ${REASON_SQL} AS leak_reason OFFSET 0) why
  WHERE license.ended_at IS NULL AND ${HELD_AT_APPLE} AND ${UNWANTED_SQL}
    AND license.token_id NOT IN (SELECT token.id FROM token WHERE token.authority = 'TARGET'))`;

export const leakedLicenseList: List<LeakedLicense, LeakedLicenseFilter, "STARTED_AT"> = {
  name: "leakedLicenseList",
  from: LEAKED,
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

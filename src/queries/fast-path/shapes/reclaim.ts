import { WRITABLE_HEALTH } from "../../../entities/token.js";
import { quote } from "../json-text.js";
import { listOf, same, value } from "../objects.js";
import type { Shape } from "../shape.js";

/** The installations that use a licence and want it. */
const wantingSql = (license: string) => `SELECT wanting.* FROM installation wanting
  WHERE wanting.token_id = ${license}.token_id AND wanting.left_at IS NULL
    AND (wanting.license_id = ${license}.id OR wanting.former_license_id = ${license}.id)`;

/** What would come of taking a licence back, which the row is. */
export const reclaimShapes: Readonly<Record<string, Shape>> = {
  ReclaimResult: {
    fields: {
      installations: listOf(wantingSql, "id"),
      license: same,
      outcome: value(outcomeSql),
    },
  },
};

/** The rule is `judgeReclaim` in `sync/deployments`, which the tests hold this against. */
function outcomeSql(license: string): string {
  return `(SELECT CASE
      WHEN ${license}.state IN ('ENDED', 'REFUSED') THEN 'ENDED'
      WHEN ${license}.state = 'RETURNING' THEN 'RETURNING'
      WHEN token.authority = 'TARGET' THEN 'MDM_OWNED'
      WHEN NOT app.revocable THEN 'IRREVOCABLE'
      WHEN ${license}.never_reclaim THEN 'NEVER_RECLAIM'
      WHEN EXISTS (${wantingSql(license)}) THEN 'STILL_WANTED'
      WHEN ${license}.operation_id IS NOT NULL THEN 'OPERATION_OPEN'
      WHEN token.health_state NOT IN (${WRITABLE_HEALTH.map(quote).join(", ")}) THEN 'TOKEN_NOT_WRITABLE'
      ELSE 'RETURNED' END
    FROM store_app app JOIN token ON token.id = app.token_id
    WHERE app.token_id = ${license}.token_id AND app.id = ${license}.store_app_id)`;
}

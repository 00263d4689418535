import { AlertRuleKind } from "../../entities/alert-rule.js";
import { AppleOperationState } from "../../entities/apple-operation.js";
import { FREE_SQL, UNLIMITED } from "../../entities/store-app.js";
import { SyncRunState } from "../../entities/sync-run.js";
import { globalIdSql } from "../../queries/global-id-sql.js";
import { ruleSql } from "./rule-sql.js";

/**
 * SQL for what each kind of rule finds: subject, token_id and message of each alert that should be open. $1 is the token
 * that is looked at, null for all; $2 is now, $3 the length of an hour in milliseconds. The hours of an operation begin anew
 * when the health of its token has changed: those during which that might not write do not count (rule 7).
 */
export const FOUND_SQL: Readonly<Record<AlertRuleKind, string>> = {
  LOW_STOCK: `
    SELECT ${globalIdSql("StoreApp", "app.token_id", "app.id")} AS subject, app.token_id,
           format('"%s" of the token "%s" has %s of %s licences left, fewer than %s. Buy more at Apple, or take some back: '
                  'reclaimCandidates lists those that nobody seems to need.',
                  COALESCE(app.name, app.adam_id), token.name, ${FREE_SQL}, app.total_count,
                  concat_ws(' or ', rule.below::text, rule.below_percent || ' %')) AS message
    FROM store_app app
    JOIN token ON token.id = app.token_id AND token.removing_at IS NULL
    ${ruleSql(AlertRuleKind.LOW_STOCK, "app.token_id", "app.id")}
    WHERE ($1::uuid IS NULL OR app.token_id = $1) AND app.total_count <> ${UNLIMITED} AND app.unlisted_at IS NULL
      AND (${FREE_SQL} < rule.below OR ${FREE_SQL} * 100::bigint < rule.below_percent * app.total_count::bigint)`,

  SYNC_FAILED: `
    SELECT ${globalIdSql("Token", "token.id")} AS subject, token.id AS token_id,
           format('The token "%s" could not be synchronised: %s What is shown of it is %s. Mend that and call syncToken.',
                  token.name, COALESCE(runs.error, 'no reason is known.'),
                  COALESCE('as of ' || to_char(token.last_sync_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
                           'incomplete')) AS message
    FROM token
    ${ruleSql(AlertRuleKind.SYNC_FAILED, "token.id")}
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE state = '${SyncRunState.FAILED}') AS failed,
             (array_agg(error ORDER BY started_at DESC, id DESC))[1] AS error
      FROM (SELECT id, started_at, state, error FROM sync_run
            WHERE token_id = token.id AND ended_at IS NOT NULL AND state <> '${SyncRunState.CANCELLED}'
            ORDER BY started_at DESC, id DESC LIMIT rule.failures) AS latest) AS runs
    WHERE ($1::uuid IS NULL OR token.id = $1) AND token.removing_at IS NULL AND runs.failed = rule.failures`,

  OPERATION_STUCK: `
    SELECT ${globalIdSql("AppleOperation", "operation.token_id", "operation.id")} AS subject, operation.token_id,
           format('A change at Apple (%s) with the token "%s" has not come to its end since %s, sent %s times%s. '
                  'Look at it with appleOperation; then retryAppleOperation or abandonAppleOperation.',
                  operation.intent, token.name,
                  to_char(operation.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), operation.attempts,
                  ': ' || operation.last_error) AS message
    FROM apple_operation operation
    JOIN token ON token.id = operation.token_id
    ${ruleSql(AlertRuleKind.OPERATION_STUCK, "operation.token_id")}
    WHERE ($1::uuid IS NULL OR operation.token_id = $1)
      AND operation.ended_at IS NULL AND operation.state <> '${AppleOperationState.PAUSED}'
      AND (GREATEST(operation.created_at, token.health_since)
             <= $2::timestamptz - rule.after_hours * $3::float8 * interval '1 ms'
           OR operation.attempts - operation.forgiven_attempts >= rule.attempts)`,
};

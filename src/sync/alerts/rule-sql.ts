import type { AlertRuleKind } from "../../entities/alert-rule.js";

/**
 * SQL that joins the rule (alias `rule`) that counts for a row: that of its app, if there is one, else that of its token, else
 * that of the installation; no row where it is muted or there is none.
 * @param token SQL of the row's token id
 * @param storeApp SQL of its app's id; null where there are no rules for apps
 */
export function ruleSql(kind: AlertRuleKind, token: string, storeApp: string | null = null): string {
  const ofApp = storeApp
    ? `LEFT JOIN alert_rule of_app ON of_app.kind = '${kind}' AND of_app.token_id = ${token} AND of_app.store_app_id = ${storeApp}`
    : "";
  return `${ofApp}
    LEFT JOIN alert_rule of_token ON of_token.kind = '${kind}' AND of_token.token_id = ${token} AND of_token.store_app_id IS NULL
    LEFT JOIN alert_rule general ON general.kind = '${kind}' AND general.token_id IS NULL
    JOIN alert_rule rule ON NOT rule.muted AND rule.id = COALESCE(${storeApp ? "of_app.id, " : ""}of_token.id, general.id)`;
}

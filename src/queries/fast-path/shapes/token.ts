import { Alert } from "../../../entities/alert.js";
import { AlertRule } from "../../../entities/alert-rule.js";
import { StoreApp } from "../../../entities/store-app.js";
import { SyncRun } from "../../../entities/sync-run.js";
import { Target } from "../../../entities/target.js";
import { CONTACTS_WANTED, contactsWarning, Token } from "../../../entities/token.js";
import { byToken } from "../../columns.js";
import { storeAppList } from "../../lists/store-apps.js";
import { syncRunList } from "../../lists/sync-runs.js";
import { related } from "../connection-json.js";
import { listIn, one, same, value } from "../objects.js";
import { sentenceSql } from "../sentence-sql.js";
import type { Shape } from "../shape.js";
import { nextSyncAt } from "./next-sync-at.js";
import { seenTeams } from "./seen-teams.js";

/** Tokens, their synchronisations, and what is to be told of them. */
export const tokenShapes: Readonly<Record<string, Shape>> = {
  Token: {
    entity: Token,
    fields: {
      contacts: listIn("contacts"),
      health: same,
      nextSyncAt,
      notificationsAt: value(
        (row) => `(SELECT received_at FROM apple_notification WHERE token_id = ${row}.id ORDER BY id DESC LIMIT 1)`,
      ),
      storeApps: related(storeAppList, byToken),
      syncRuns: related(syncRunList, byToken),
      target: one(Target, "target_id"),
      teams: seenTeams,
      warnings: value(warningsSql),
    },
  },
  TokenContact: { inJson: true },
  TokenHealth: {
    fields: {
      cause: value((row) => `${row}.health_cause`),
      evidence: value((row) => `${row}.health_evidence`),
      remedy: value((row) => `${row}.health_remedy`),
      since: value((row) => `${row}.health_since`),
      state: value((row) => `${row}.health_state`),
    },
  },
  SyncRun: { entity: SyncRun, fields: { token: one(Token, "token_id") } },
  Alert: { entity: Alert },
  AlertRule: {
    entity: AlertRule,
    fields: { storeApp: one(StoreApp, "token_id", "store_app_id"), token: one(Token, "token_id") },
  },
};

function warningsSql(row: string): string {
  const count = `jsonb_array_length(${row}.contacts)`;
  return `CASE WHEN ${row}.authority = 'TARGET' OR ${count} >= ${CONTACTS_WANTED} THEN '{}'::text[]
    ELSE ARRAY[${sentenceSql(contactsWarning, count)}] END`;
}

import { AlertRule } from "../../entities/alert-rule.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { byStoreApp, byToken, ID_KEY } from "../columns.js";
import { isAmong } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface AlertRuleFilter {
  readonly kind?: readonly string[] | null;
  readonly token?: string | null;
  readonly storeApp?: string | null;
}

export const alertRuleList: List<AlertRule, AlertRuleFilter, never> = {
  name: "alertRuleList",
  from: "alert_rule",
  scope: withToken,
  key: ID_KEY,
  filters: {
    kind: (kinds) => isAmong("kind", kinds),
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
  },
  orders: {},
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, AlertRule, raw),
};

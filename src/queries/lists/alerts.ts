import { Alert } from "../../entities/alert.js";
import { Token } from "../../entities/token.js";
import { byToken, ID_KEY } from "../columns.js";
import { equals, isAmong, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { alertScope } from "../scopes.js";

interface AlertFilter {
  readonly open?: boolean | null;
  readonly kind?: readonly string[] | null;
  readonly subject?: string | null;
  readonly token?: string | null;
}

export const alertList: List<Alert, AlertFilter, "RAISED_AT"> = {
  name: "alertList",
  from: "alert",
  scope: alertScope,
  key: ID_KEY,
  filters: {
    open: (open) => isNull("cleared_at", open),
    kind: (kinds) => {
      const [only, ...others] = kinds;
      return only !== undefined && others.length === 0 ? equals("kind", only) : isAmong("kind", kinds);
    },
    subject: (subject) => equals("subject", subject),
    token: (token) => refersTo(byToken, Token, token),
  },
  orders: {
    RAISED_AT: { name: "raised_at", type: "timestamptz" },
  },
  defaultOrder: { column: { name: "raised_at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => hydrate(db, Alert, raw),
};

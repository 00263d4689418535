import { Alert } from "../../entities/alert.js";
import { ID_KEY } from "../columns.js";
import { isAmong, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";

interface AlertFilter {
  readonly open?: boolean | null;
  readonly kind?: readonly string[] | null;
}

export const alertList: List<Alert, AlertFilter, "RAISED_AT"> = {
  name: "alertList",
  from: "alert",
  key: ID_KEY,
  filters: {
    open: (open) => isNull("cleared_at", open),
    kind: (kinds) => isAmong("kind", kinds),
  },
  orders: {
    RAISED_AT: { name: "raised_at", type: "timestamptz" },
  },
  defaultOrder: { column: { name: "raised_at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => hydrate(db, Alert, raw),
};

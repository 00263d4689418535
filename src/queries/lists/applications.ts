import { Application } from "../../entities/application.js";
import { StoreApp } from "../../entities/store-app.js";
import { Target } from "../../entities/target.js";
import { byStoreApp, byTarget, TOKEN_SCOPED_KEY } from "../columns.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface ApplicationFilter {
  readonly storeApp?: string | null;
  readonly target?: string | null;
}

export const applicationList: List<Application, ApplicationFilter, "CREATED_AT"> = {
  name: "applicationList",
  from: "application",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    target: (target) => refersTo(byTarget, Target, target),
  },
  orders: {
    CREATED_AT: { name: "created_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Application, raw),
};

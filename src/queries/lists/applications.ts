import { Application } from "../../entities/application.js";
import { StoreApp } from "../../entities/store-app.js";
import { Target } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { byStoreApp, byTarget, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface ApplicationFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly target?: string | null;
}

export const applicationList: List<Application, ApplicationFilter, "CREATED_AT"> = {
  name: "applicationList",
  from: "application",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    target: (target) => refersTo(byTarget, Target, target),
  },
  orders: {
    CREATED_AT: { name: "created_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Application, raw),
};

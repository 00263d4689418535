import { Collection } from "../../entities/collection.js";
import { Deployment } from "../../entities/deployment.js";
import { StoreApp } from "../../entities/store-app.js";
import { Target } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { byCollection, byStoreApp, byTarget, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { equals, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface DeploymentFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly collection?: string | null;
  readonly target?: string | null;
  readonly action?: string | null;
  readonly deleted?: boolean | null;
}

export const deploymentList: List<Deployment, DeploymentFilter, "CREATED_AT" | "ACTION_AT"> = {
  name: "deploymentList",
  from: "deployment",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    collection: (collection) => refersTo(byCollection, Collection, collection),
    target: (target) => refersTo(byTarget, Target, target),
    action: (action) => equals("action", action),
    deleted: (deleted) => isNull("deleted_at", !deleted),
  },
  unless: { deleted: false },
  orders: {
    CREATED_AT: { name: "created_at", type: "timestamptz" },
    ACTION_AT: { name: "action_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Deployment, raw),
};

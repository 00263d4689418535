import { Deployment } from "../../entities/deployment.js";
import { Device } from "../../entities/device.js";
import { Installation } from "../../entities/installation.js";
import { StoreApp } from "../../entities/store-app.js";
import { Target } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { User } from "../../entities/user.js";
import { byDeployment, byDevice, byStoreApp, byTarget, byToken, byUser, TOKEN_SCOPED_KEY } from "../columns.js";
import { isAmong, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface InstallationFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly deployment?: string | null;
  readonly state?: readonly string[] | null;
  readonly reason?: readonly string[] | null;
  readonly device?: string | null;
  readonly user?: string | null;
  readonly target?: string | null;
  readonly left?: boolean | null;
}

export const installationList: List<Installation, InstallationFilter, "STATE" | "STATE_AT"> = {
  name: "installationList",
  from: "installation",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    deployment: (deployment) => refersTo(byDeployment, Deployment, deployment),
    state: (states) => isAmong("state", states),
    reason: (reasons) => isAmong("reason", reasons),
    device: (device) => refersTo(byDevice, Device, device),
    user: (user) => refersTo(byUser, User, user),
    target: (target) => refersTo(byTarget, Target, target),
    left: (left) => isNull("left_at", !left),
  },
  orders: {
    STATE: { name: "state", type: "text" },
    STATE_AT: { name: "state_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Installation, raw),
};

import { Device } from "../../entities/device.js";
import { License } from "../../entities/license.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { User } from "../../entities/user.js";
import { byDevice, byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { type Condition, equals, isAmong, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { requireNodeKey } from "../node-key.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface LicenseFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly state?: readonly string[] | null;
  readonly holderKind?: string | null;
  readonly device?: string | null;
  readonly user?: string | null;
  readonly open?: boolean | null;
}

export const licenseList: List<License, LicenseFilter, "STARTED_AT" | "ENDED_AT"> = {
  name: "licenseList",
  from: "license",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    state: (states) => isAmong("state", states),
    holderKind: (kind) => equals("holder_kind", kind),
    device: (device) => refersTo(byDevice, Device, device),
    user: heldByUser,
    open: (open) => isNull("ended_at", open),
  },
  orders: {
    STARTED_AT: { name: "started_at", type: "timestamptz" },
    ENDED_AT: { name: "ended_at", type: "timestamptz", nullable: true },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, License, raw),
};

/** A person holds licences through registrations with Apple, one or more a token. */
function heldByUser(user: string): Condition {
  const [id] = requireNodeKey(User, user);
  return {
    sql: (bind) =>
      `(item.token_id, item.apple_user_id) IN (SELECT token_id, id FROM apple_user WHERE user_id = ${bind(id, "uuid")})`,
    fixes: [],
  };
}

import { Device } from "../../entities/device.js";
import { License, LicenseState } from "../../entities/license.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { User } from "../../entities/user.js";
import { byDevice, byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { type Condition, equals, isAmong, isBefore, isNull, isSince } from "../conditions.js";
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
  readonly startedSince?: Date | null;
  readonly startedBefore?: Date | null;
}

const OVER: readonly string[] = [LicenseState.ENDED, LicenseState.REFUSED];

export const licenseList: List<License, LicenseFilter, "STARTED_AT" | "ENDED_AT"> = {
  name: "licenseList",
  from: "license",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    state: inState,
    holderKind: (kind) => equals("holder_kind", kind),
    device: (device) => refersTo(byDevice, Device, device),
    user: heldByUser,
    open: (open) => isNull("ended_at", open),
    startedSince: (moment) => isSince("started_at", moment),
    startedBefore: (moment) => isBefore("started_at", moment),
  },
  orders: {
    STARTED_AT: { name: "started_at", type: "timestamptz" },
    ENDED_AT: { name: "ended_at", type: "timestamptz", nullable: true, nullsByKey: true },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, License, raw),
};

/** PostgreSQL does not know of itself which states are over, and that an index has those licences apart. */
function inState(states: readonly string[]): Condition {
  const among = isAmong("state", states);
  const over = states.filter((state) => OVER.includes(state)).length;
  if (over > 0 && over < states.length) return among;
  return { sql: (bind) => `${among.sql(bind)} AND item.ended_at IS ${over > 0 ? "NOT " : ""}NULL`, fixes: [] };
}

/** A person holds licences through registrations with Apple, one or more a token. */
function heldByUser(user: string): Condition {
  const [id] = requireNodeKey(User, user);
  return {
    sql: (bind) =>
      `(item.token_id, item.apple_user_id) IN (SELECT token_id, id FROM apple_user WHERE user_id = ${bind(id, "uuid")})`,
    fixes: [],
  };
}

import { AppleUser } from "../../entities/apple-user.js";
import { Token } from "../../entities/token.js";
import { User } from "../../entities/user.js";
import { byToken, byUser, TOKEN_SCOPED_KEY } from "../columns.js";
import { isAmong, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface AppleUserFilter {
  readonly token?: string | null;
  readonly user?: string | null;
  readonly status?: readonly string[] | null;
  readonly known?: boolean | null;
}

export const appleUserList: List<AppleUser, AppleUserFilter, never> = {
  name: "appleUserList",
  from: "apple_user",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    user: (user) => refersTo(byUser, User, user),
    status: (statuses) => isAmong("status", statuses),
    known: (known) => isNull("user_id", !known),
  },
  orders: {},
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, AppleUser, raw),
};

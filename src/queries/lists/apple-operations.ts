import { AppleOperation } from "../../entities/apple-operation.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { isAmong, isBefore, isNull, isSince } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface AppleOperationFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly intent?: readonly string[] | null;
  readonly state?: readonly string[] | null;
  readonly open?: boolean | null;
  readonly createdSince?: Date | null;
  readonly createdBefore?: Date | null;
}

export const appleOperationList: List<AppleOperation, AppleOperationFilter, "CREATED_AT"> = {
  name: "appleOperationList",
  from: "apple_operation",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    intent: (intents) => isAmong("intent", intents),
    state: (states) => isAmong("state", states),
    open: (open) => isNull("ended_at", open),
    createdSince: (moment) => isSince("created_at", moment),
    createdBefore: (moment) => isBefore("created_at", moment),
  },
  orders: {
    CREATED_AT: { name: "created_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "DESC" },
  read: (db, raw) => hydrate(db, AppleOperation, raw),
};

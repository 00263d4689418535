import { StockChange } from "../../entities/stock-change.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { isBefore, isSince } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface StockChangeFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly since?: Date | null;
  readonly before?: Date | null;
}

export const stockChangeList: List<StockChange, StockChangeFilter, never> = {
  name: "stockChangeList",
  from: "stock_change",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    since: (moment) => isSince("seen_at", moment),
    before: (moment) => isBefore("seen_at", moment),
  },
  orders: {},
  defaultOrder: { column: { name: "seen_at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => hydrate(db, StockChange, raw),
};

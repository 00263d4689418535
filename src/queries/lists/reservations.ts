import { Collection } from "../../entities/collection.js";
import { Reservation } from "../../entities/reservation.js";
import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { byCollection, byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface ReservationFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly collection?: string | null;
  readonly alive?: boolean | null;
}

export const reservationList: List<Reservation, ReservationFilter, never> = {
  name: "reservationList",
  from: "reservation",
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
    collection: (collection) => refersTo(byCollection, Collection, collection),
    alive: (alive) => isNull("ended_at", alive),
  },
  unless: { alive: true },
  orders: {},
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Reservation, raw),
};

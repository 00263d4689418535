import { StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { byStoreApp, byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { isAmong } from "../conditions.js";
import { driftPlaces } from "../drift/drift-places.js";
import type { DriftKey, DriftType } from "../drift/drift-type.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface LicenseDriftFilter {
  readonly token?: string | null;
  readonly storeApp?: string | null;
  readonly type?: readonly string[] | null;
}

export type LicenseDriftList = List<DriftKey, LicenseDriftFilter, never>;

/** @param stalledBefore whoever was licensed before that, and shows no app yet, shows none for too long. */
export function licenseDriftList(stalledBefore: Date): LicenseDriftList {
  return {
    name: "licenseDriftList",
    from: driftPlaces(`'${stalledBefore.toISOString()}'::timestamptz`),
    scope: withToken,
    key: [...TOKEN_SCOPED_KEY, { name: "type", type: "text" }],
    filters: {
      token: (token) => refersTo(byToken, Token, token),
      storeApp: (storeApp) => refersTo(byStoreApp, StoreApp, storeApp),
      type: (types) => isAmong("type", types),
    },
    orders: {},
    defaultOrder: { column: null, direction: "ASC" },
    read: (_, raw) => ({
      type: raw.type as DriftType,
      tokenId: raw.token_id as string,
      id: raw.id as string,
    }),
  };
}

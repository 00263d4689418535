import { FREE_ORDER_SQL, ProductType, StoreApp } from "../../entities/store-app.js";
import { Token } from "../../entities/token.js";
import { hasWarning } from "../app-warnings.js";
import { byToken, TOKEN_SCOPED_KEY } from "../columns.js";
import { contains, equals, hasElement, isBelow, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { withToken } from "../scopes.js";

interface StoreAppFilter {
  readonly token?: string | null;
  readonly nameContains?: string | null;
  readonly adamId?: string | null;
  readonly productType?: string | null;
  readonly listed?: boolean | null;
  readonly hasWarning?: boolean | null;
  readonly freeBelow?: number | null;
  readonly platform?: string | null;
}

type StoreAppOrderField = "NAME" | "TOTAL_COUNT" | "ASSIGNED_COUNT" | "FREE_COUNT";

export const storeAppList: List<StoreApp, StoreAppFilter, StoreAppOrderField> = {
  name: "storeAppList",
  from: `(SELECT app.*, ${FREE_ORDER_SQL} AS free_count FROM store_app AS app)`,
  scope: withToken,
  key: TOKEN_SCOPED_KEY,
  filters: {
    token: (token) => refersTo(byToken, Token, token),
    nameContains: (text) => contains(["name"], text),
    adamId: (adamId) => equals("adam_id", adamId),
    productType: (type) => equals("product_type", type),
    listed: (listed) => isNull("unlisted_at", listed),
    hasWarning,
    freeBelow: (bound) => isBelow("free_count", bound),
    platform: (platform) => hasElement("platforms", platform),
  },
  unless: { productType: ProductType.APP },
  orders: {
    NAME: { name: "name", type: "text", nullable: true },
    TOTAL_COUNT: { name: "total_count", type: "integer" },
    ASSIGNED_COUNT: { name: "assigned_count", type: "integer" },
    FREE_COUNT: { name: "free_count", type: "integer" },
  },
  defaultOrder: { column: { name: "name", type: "text", nullable: true }, direction: "ASC" },
  read: (db, raw) => hydrate(db, StoreApp, raw),
};

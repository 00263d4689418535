import { ApiKey } from "../../entities/api-key.js";
import { ID_KEY } from "../columns.js";
import { isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { toNoTeam } from "../scopes.js";

interface ApiKeyFilter {
  readonly revoked?: boolean | null;
}

export const apiKeyList: List<ApiKey, ApiKeyFilter, never> = {
  name: "apiKeyList",
  from: "api_key",
  scope: toNoTeam,
  key: ID_KEY,
  filters: {
    revoked: (revoked) => isNull("revoked_at", !revoked),
  },
  orders: {},
  defaultOrder: { column: { name: "created_at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => hydrate(db, ApiKey, raw),
};

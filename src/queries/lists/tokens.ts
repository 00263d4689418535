import { Token } from "../../entities/token.js";
import { ID_KEY } from "../columns.js";
import { contains, equals, expressionContains, hasElement, isAmong, isBefore } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { ownByTeams } from "../scopes.js";

interface TokenFilter {
  readonly healthState?: readonly string[] | null;
  readonly category?: string | null;
  readonly nameContains?: string | null;
  readonly search?: string | null;
  readonly platform?: string | null;
  readonly expiresBefore?: Date | null;
}

/** What the index `token_search` is over. */
const SEARCH_TEXT = "token_search_text(item.name, item.description, item.categories)";

export const tokenList: List<Token, TokenFilter, "NAME" | "ADDED_AT" | "EXPIRES_AT"> = {
  name: "tokenList",
  from: "token",
  scope: ownByTeams,
  key: ID_KEY,
  filters: {
    healthState: (states) => isAmong("health_state", states),
    category: (category) => hasElement("categories", category),
    nameContains: (text) => contains(["name"], text),
    search: (text) => expressionContains(SEARCH_TEXT, text),
    platform: (platform) => equals("platform", platform),
    expiresBefore: (moment) => isBefore("expires_at", moment),
  },
  orders: {
    NAME: { name: "name", type: "text" },
    ADDED_AT: { name: "added_at", type: "timestamptz" },
    EXPIRES_AT: { name: "expires_at", type: "timestamptz", nullable: true },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Token, raw),
};

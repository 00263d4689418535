import type { Bind, Condition } from "./conditions.js";
import { fewHolders } from "./holder-scopes.js";
import { inScope, type Scope, type Teams, walkedWithToken, withToken } from "./scopes.js";

/** How a list is limited to what teams see. */
export interface ListScope {
  /** SQL that stands before the statement; often none. */
  readonly before: (bind: Bind) => string;
  /** No item meets two of them: each is read apart. */
  readonly ways: readonly (readonly Condition[])[];
}

/** The limits of a page, which ends long before the list does. */
export function scopeOfPage(scope: Scope, teams: Teams): ListScope {
  return scopeOfList(scope, teams, scope === withToken ? walkedWithToken : fewHolders(scope)?.walked);
}

/** The limits of all that is counted. */
export function scopeOfCount(scope: Scope, teams: Teams): ListScope {
  return scopeOfList(scope, teams);
}

/** @param many the scope of what is not read by its few holders. */
function scopeOfList(scope: Scope, teams: Teams, many = scope): ListScope {
  const few = teams && fewHolders(scope);
  if (!few) return { before: () => "", ways: [inScope(many, teams)] };
  return {
    before: (bind) => `WITH few AS MATERIALIZED (${few.read(bind(teams, "text[]"))}) `,
    ways: [
      [{ sql: () => few.includes("item", "few"), fixes: [] }],
      [{ sql: () => "NOT EXISTS (SELECT FROM few)", fixes: [] }, ...inScope(many, teams)],
    ],
  };
}

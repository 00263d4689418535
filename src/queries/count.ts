import { type Bind, bindInto, type Condition } from "./conditions.js";
import { filterConditions, type List } from "./list.js";
import { type Parents, withParents } from "./parents.js";
import { inScope, type Scoped } from "./scopes.js";
import { rows } from "./sql.js";

/** How many items of a list there are for each parent, in one statement; without parents, in all. */
export async function countItems<Item, Filter extends object, Field extends string>(
  { db, teams }: Scoped,
  list: List<Item, Filter, Field>,
  filter: Filter | null | undefined,
  parents: Parents | null = null,
): Promise<number[]> {
  const values: unknown[] = [];
  const bind = bindInto(values);
  const conditions = [...inScope(list.scope, teams), ...filterConditions(list, filter)];
  const text = withParents(
    parents,
    bind,
    (ofParent) => `SELECT ${countSql(list, [...ofParent, ...conditions], bind)} AS count`,
    { orderBy: null },
  );
  const counts = await rows<{ count: number }>(db, text, values);
  return counts.map(({ count }) => count);
}

/** SQL for how many items of a list meet all conditions. */
export function countSql(
  { from }: { readonly from: string | readonly string[] },
  conditions: readonly Condition[],
  bind: Bind,
): string {
  const where = conditions.map(({ sql }) => sql(bind)).join(" AND ");
  const counts = [from].flat().map((place) => `(SELECT count(*) FROM ${place} AS item${where && ` WHERE ${where}`})`);
  return `(${counts.join(" + ")})::int`;
}

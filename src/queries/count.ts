import { type Bind, bindInto, type Condition } from "./conditions.js";
import { filterConditions, type List } from "./list.js";
import { type ListScope, scopeOfCount } from "./list-scope.js";
import { type Parents, withParents } from "./parents.js";
import type { Scoped } from "./scopes.js";
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
  const scope = scopeOfCount(list.scope, teams);
  const conditions = filterConditions(list, filter);
  const text = withParents(
    parents,
    bind,
    (ofParent) => `SELECT ${countSql({ list, scope, conditions: [...ofParent, ...conditions] }, bind)} AS count`,
    { orderBy: null },
  );
  const counts = await rows<{ count: number }>(db, text, values);
  return counts.map(({ count }) => count);
}

/** What is counted of a list. */
interface Counted {
  readonly list: { readonly from: string | readonly string[] };
  readonly scope: ListScope;
  readonly conditions: readonly Condition[];
}

/** SQL for how many items of a list meet all conditions. */
export function countSql({ list, scope, conditions }: Counted, bind: Bind): string {
  const counts = scope.ways.flatMap((way) => {
    const where = [...way, ...conditions].map(({ sql }) => sql(bind)).join(" AND ");
    const places = [list.from].flat();
    return places.map((place) => `(SELECT count(*) FROM ${place} AS item${where && ` WHERE ${where}`})`);
  });
  const before = scope.before(bind);
  return `(${before && `${before}SELECT `}${counts.join(" + ")})::int`;
}

import type { DataSource } from "typeorm";
import { type Bind, bindInto, type Condition } from "./conditions.js";
import { type CursorOrder, decodeCursor, encodeCursor, type Position } from "./cursor.js";
import { type Direction, filterConditions, type List, type ListRequest, type Page, type RawRow } from "./list.js";
import { type ListScope, scopeOfPage } from "./list-scope.js";
import { pageSize } from "./page-size.js";
import { byParent, type Parents, withParents } from "./parents.js";
import type { Scoped } from "./scopes.js";
import { rows } from "./sql.js";

/** The way through the rows: backward pages walk from the far end and are turned round afterwards. */
export interface Walk {
  readonly order: CursorOrder;
  readonly direction: Direction;
  readonly size: number;
  readonly backward: boolean;
  /** Exclusive; in the direction of the walk. */
  readonly from: Position | null;
  readonly to: Position | null;
}

/**
 * One page of a list for each parent, in one statement whatever their number; without parents, the one page of all.
 * Keyset: its cost does not grow with the distance from the start, and each row is met once however many others tie.
 * @throws AppError INVALID_INPUT for a cursor of another list or order; see `pageSize` for the rest.
 */
export async function readPages<Item, Filter extends object, Field extends string>(
  { db, teams }: Scoped,
  list: List<Item, Filter, Field>,
  request: ListRequest<Filter, Field>,
  parents: Parents | null = null,
): Promise<Page<Item>[]> {
  const scope = scopeOfPage(list.scope, teams);
  const conditions = filterConditions(list, request.filter);
  const fixed = [...(parents?.columns.map((column) => column.name) ?? []), ...conditions.flatMap(({ fixes }) => fixes)];
  const walk = planWalk(list, request, fixed);
  const values: unknown[] = [];
  const bind = bindInto(values);
  const text = withParents(
    parents,
    bind,
    (ofParent) =>
      segmentsSql({ list, scope, walk, limit: walk.size + 1, conditions: [...ofParent, ...conditions] }, bind),
    { orderBy: sortSql(walk) },
  );
  const found = await rows<RawRow>(db, text, values);
  const groups = parents ? byParent(parents, found) : [found];
  return groups.map((own) => toPage(db, list, walk, request, own));
}

/** How a request's page is walked. @param fixed columns that have one value in all of its rows */
export function planWalk<Item, Filter extends object, Field extends string>(
  list: List<Item, Filter, Field>,
  request: ListRequest<Filter, Field>,
  fixed: readonly string[],
): Walk {
  const { size, backward } = pageSize(request);
  const { column, direction } = request.orderBy
    ? { column: list.orders[request.orderBy.field], direction: request.orderBy.direction }
    : list.defaultOrder;
  const columns = [...(column ? [column] : []), ...list.key].filter(({ name }) => !fixed.includes(name));
  const order: CursorOrder = { list: list.name, columns, direction };
  const after = request.after ? decodeCursor(order, request.after) : null;
  const before = request.before ? decodeCursor(order, request.before) : null;
  return {
    order,
    direction: backward === (direction === "ASC") ? "DESC" : "ASC",
    size,
    backward,
    from: backward ? before : after,
    to: backward ? after : before,
  };
}

/** The rows of a page, before they are read. */
interface Segmented {
  readonly list: { readonly from: string | readonly string[] };
  readonly scope: ListScope;
  readonly walk: Walk;
  readonly limit: number;
  readonly conditions: readonly Condition[];
}

/**
 * Rows without a value in the leading column come last (ASC) or first (DESC), as in PostgreSQL's indexes. They are
 * walked apart from the others, since no single comparison can stand for "after this, or null" and use the index. So is
 * each place that items come from, and each way to what teams see: PostgreSQL would sort all of one rather than walk the
 * indexes of both.
 */
export function segmentsSql({ list, scope, walk, limit, conditions }: Segmented, bind: Bind): string {
  const places = [list.from].flat();
  const lead = walk.order.columns[0];
  const nullsLast: (boolean | null)[] = lead?.nullable ? [false, true] : [null];
  const segments = walk.direction === "ASC" ? nullsLast : nullsLast.reverse();
  const selects = segments.flatMap((leadIsNull, at) => {
    const after = extentOf(walk.from, segments, at, "after");
    const before = extentOf(walk.to, segments, at, "before");
    // Before anything is bound: PostgreSQL refuses a value that no statement speaks of.
    if (after === "none" || before === "none") return [];
    const bounds = [
      ...(walk.from && after === "part" ? [boundSql(walk, walk.from, leadIsNull, "after", bind)] : []),
      ...(walk.to && before === "part" ? [boundSql(walk, walk.to, leadIsNull, "before", bind)] : []),
    ];
    const where = [
      ...conditions.map(({ sql }) => sql(bind)),
      ...(leadIsNull === null ? [] : [`item.${lead?.name} IS ${leadIsNull ? "" : "NOT "}NULL`]),
      ...bounds,
    ];
    const sorted = sortSql(walk, leadIsNull === true && lead?.nullsByKey ? 1 : 0);
    return scope.ways.flatMap((way) => {
      const all = [...way.map(({ sql }) => sql(bind)), ...where];
      return places.map(
        (place) => `SELECT item.* FROM ${place} AS item${whereSql(all)} ORDER BY ${sorted} LIMIT ${limit}`,
      );
    });
  });
  if (selects.length === 0) return `SELECT item.* FROM ${places[0]} AS item WHERE false`;
  const before = scope.before(bind);
  if (selects.length === 1) return `${before}${selects.join("")}`;
  const union = selects.map((select) => `(${select})`).join(" UNION ALL ");
  return `${before}SELECT item.* FROM (${union}) AS item ORDER BY ${sortSql(walk)} LIMIT ${limit}`;
}

/** How much of a segment lies on that side of a position. */
function extentOf(
  position: Position | null,
  segments: readonly (boolean | null)[],
  segment: number,
  side: "after" | "before",
): "all" | "part" | "none" {
  if (!position) return "all";
  const ofPosition = segments[segment] === null ? 0 : segments.indexOf(position[0] === null);
  if (segment === ofPosition) return "part";
  return segment > ofPosition === (side === "after") ? "all" : "none";
}

/** What the rows of the segment that a position is in must meet to lie on that side of it. */
function boundSql(
  walk: Walk,
  position: Position,
  leadIsNull: boolean | null,
  side: "after" | "before",
  bind: Bind,
): string {
  const compared = walk.order.columns.map((column, at) => ({ column, value: position[at] })).slice(leadIsNull ? 1 : 0);
  const names = compared.map(({ column }) => `item.${column.name}`).join(", ");
  const bound = compared.map(({ column, value }) => bind(value, column.type)).join(", ");
  return `(${names}) ${(walk.direction === "ASC") === (side === "after") ? ">" : "<"} (${bound})`;
}

/** @param skipped so many leading columns have one value in all the rows. */
function sortSql(walk: Walk, skipped = 0): string {
  return walk.order.columns
    .slice(skipped)
    .map(({ name }) => `item.${name} ${walk.direction}`)
    .join(", ");
}

function whereSql(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}

function toPage<Item, Filter extends object, Field extends string>(
  db: DataSource,
  list: List<Item, Filter, Field>,
  walk: Walk,
  request: ListRequest<Filter, Field>,
  found: readonly RawRow[],
): Page<Item> {
  const more = found.length > walk.size;
  const kept = found.slice(0, walk.size);
  if (walk.backward) kept.reverse();
  return {
    edges: kept.map((row) => ({ cursor: encodeCursor(walk.order, row), node: list.read(db, row) })),
    hasNextPage: walk.backward ? Boolean(request.before) : more,
    hasPreviousPage: walk.backward ? more : Boolean(request.after),
  };
}

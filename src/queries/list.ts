import type { DataSource } from "typeorm";
import type { Condition } from "./conditions.js";
import type { Scope } from "./scopes.js";

/** The PostgreSQL types of values that are compared or sorted by. */
export type SqlType = "uuid" | "bigint" | "text" | "timestamptz" | "integer";

export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable?: true;
  /** Its index leaves out the rows without a value: these are read in the order of the key alone. */
  readonly nullsByKey?: true;
}

/** A row as the driver returns it: column names and values. */
export type RawRow = Record<string, unknown>;

export type Direction = "ASC" | "DESC";

/** A column to sort by before the key; null for the key alone. */
export interface Order {
  readonly column: Column | null;
  readonly direction: Direction;
}

/** What may be listed, and how: everything a page of it needs to know. */
export interface List<Item, Filter extends object, Field extends string> {
  /** Unique; part of every cursor. */
  readonly name: string;
  /** SQL that stands after FROM; several when the items come from several places, each of which is read in order. */
  readonly from: string | readonly string[];
  /** Which of its items a team sees. */
  readonly scope: Scope;
  /** Unique and never null; ends every order, so that ties are settled. */
  readonly key: readonly Column[];
  /** One condition for each filter; they combine with AND. */
  readonly filters: { readonly [Name in keyof Filter]-?: (value: NonNullable<Filter[Name]>) => Condition };
  /** What is filtered by where a caller does not say otherwise. */
  readonly unless?: Partial<Filter>;
  /** What a caller may sort by. */
  readonly orders: Readonly<Record<Field, Column>>;
  readonly defaultOrder: Order;
  readonly read: (db: DataSource, raw: RawRow) => Item;
}

/** The items of a list that belong to a parent: the columns that hold the parent's key, in its order. */
export interface Relation {
  readonly columns: readonly Column[];
}

/** What a caller asks of a list. */
export interface ListRequest<Filter extends object, Field extends string> {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
  readonly filter?: Filter | null;
  readonly orderBy?: { readonly field: Field; readonly direction: Direction } | null;
}

export interface Page<Item> {
  readonly edges: readonly { readonly cursor: string; readonly node: Item }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** The conditions that a filter amounts to. */
export function filterConditions<Item, Filter extends object, Field extends string>(
  list: List<Item, Filter, Field>,
  filter: Filter | null | undefined,
): Condition[] {
  const names = Object.keys(list.filters) as (keyof Filter)[];
  return names.flatMap((name) => {
    const value = filter?.[name] ?? list.unless?.[name];
    return value === undefined || value === null ? [] : [list.filters[name](value)];
  });
}

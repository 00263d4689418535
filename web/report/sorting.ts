export type SortField = "NAME" | "TOTAL_COUNT" | "ASSIGNED_COUNT" | "FREE_COUNT";

/** The schema's StoreAppOrder. */
export interface Sorting {
  readonly field: SortField;
  readonly direction: "ASC" | "DESC";
}

/** Names begin with A; of numbers the great ones are looked for, but of free licences the few. */
const FIRST: Readonly<Record<SortField, Sorting["direction"]>> = {
  NAME: "ASC",
  TOTAL_COUNT: "DESC",
  ASSIGNED_COUNT: "DESC",
  FREE_COUNT: "ASC",
};

/** By another column in its own direction first, by the same one the other way round. */
export function sortedBy(sorting: Sorting, field: SortField): Sorting {
  if (sorting.field !== field) return { field, direction: FIRST[field] };
  return { field, direction: sorting.direction === "ASC" ? "DESC" : "ASC" };
}

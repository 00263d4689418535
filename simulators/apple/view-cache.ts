import type { RowSource } from "./ordered-rows.js";

const KEPT_VIEWS = 16;

/** Filtered lists, built once for a version of the data, so that the second page of a filtered read is not a second scan. */
export class ViewCache<Row> {
  readonly #views = new Map<string, { version: string; rows: Row[] }>();

  /**
   * @param key names the filter.
   * @param version names the state of all data the filter looks at; another version builds anew.
   */
  view(key: string, version: string, build: () => Row[]): RowSource<Row> {
    const known = this.#views.get(key);
    if (known?.version === version) return arraySource(known.rows);
    const rows = build();
    this.#views.delete(key);
    this.#views.set(key, { version, rows });
    const oldest = this.#views.keys().next().value;
    if (this.#views.size > KEPT_VIEWS && oldest !== undefined) this.#views.delete(oldest);
    return arraySource(rows);
  }
}

/** An array as a list to page through. */
export function arraySource<Row>(rows: Row[]): RowSource<Row> {
  return { size: rows.length, slice: (offset, count) => rows.slice(offset, offset + count) };
}

/** Rows that can be counted and read by position. */
export interface RowSource<Row> {
  readonly size: number;
  slice(offset: number, count: number): Row[];
}

const CHUNK_ROWS = 1024;

/**
 * Rows in the order of their `sequence`, which must grow with each append. Reading a page and deleting a row touch one
 * chunk or two, and the chunk lengths, however many rows there are: a page of a million rows costs about a page.
 */
export class OrderedRows<Row extends { readonly sequence: number }> implements RowSource<Row> {
  readonly #chunks: Row[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(row: Row): void {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.length < CHUNK_ROWS) last.push(row);
    else this.#chunks.push([row]);
    this.#size += 1;
  }

  /** Takes the row out; false if it was not in. */
  delete(row: Row): boolean {
    const chunkIndex = lastNotAfter(this.#chunks, row.sequence, (chunk) => chunk[0]?.sequence ?? 0);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) return false;
    const index = lastNotAfter(chunk, row.sequence, (candidate) => candidate.sequence);
    if (chunk[index] !== row) return false;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.#chunks.splice(chunkIndex, 1);
    this.#size -= 1;
    return true;
  }

  slice(offset: number, count: number): Row[] {
    const rows: Row[] = [];
    let skip = offset;
    for (const chunk of this.#chunks) {
      if (rows.length >= count) break;
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      for (const row of chunk.slice(skip, skip + count - rows.length)) rows.push(row);
      skip = 0;
    }
    return rows;
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const chunk of this.#chunks) yield* chunk;
  }
}

/** The index of the last item whose sequence is not above the wanted one, or -1; the items must be in order. */
function lastNotAfter<Item>(items: Item[], sequence: number, sequenceOf: (item: Item) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sequenceOf(items[middle] as Item) <= sequence) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

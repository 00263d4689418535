import { eventually } from "../support/eventually.js";

/** A list with its count, which are two statements: something may happen between them. */
export interface Counted<Item> {
  readonly totalCount: number;
  readonly nodes: Item[];
}

/** A list whose count is that of what it shows, as it must be once nothing moves. */
export function whole<Item>(read: () => Promise<Counted<Item>>): Promise<Item[]> {
  return eventually(async () => {
    const { totalCount, nodes } = await read();
    return totalCount === nodes.length ? nodes : null;
  });
}

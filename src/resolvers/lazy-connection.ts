import type { Page } from "../queries/list.js";

/** A connection that reads its page, or counts, when one of its fields is asked for. */
export class LazyConnection<Item> {
  #page: Promise<Page<Item>> | null = null;

  constructor(
    private readonly read: () => Promise<Page<Item>>,
    private readonly count: () => Promise<number>,
  ) {}

  get edges() {
    return this.page().then(({ edges }) => edges);
  }

  get nodes() {
    return this.page().then(({ edges }) => edges.map(({ node }) => node));
  }

  get pageInfo() {
    return this.page().then(({ edges, hasNextPage, hasPreviousPage }) => ({
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    }));
  }

  get totalCount(): Promise<number> {
    return this.count();
  }

  /** The same page with other nodes. */
  map<Other>(change: (item: Item) => Other): LazyConnection<Other> {
    return new LazyConnection(async () => {
      const page = await this.page();
      return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: change(node) })) };
    }, this.count);
  }

  private page(): Promise<Page<Item>> {
    this.#page ??= this.read();
    return this.#page;
  }
}

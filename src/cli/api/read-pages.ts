import { ApiError } from "./connect-api.js";

/** A page of a Relay connection. */
export interface Page<Row> {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What a page is asked for with. */
export interface PageWish {
  readonly first: number;
  readonly after: string | null;
}

/** What the API gives at once, unless LIMIT_PAGE_SIZE says less. */
const PAGE_SIZE = 500;

/**
 * Page after page, each read when it is wanted.
 * @param most how many rows are wanted of a page at most
 */
export async function* readPages<Row, OnePage extends Page<Row>>(
  read: (wish: PageWish) => Promise<OnePage>,
  most = PAGE_SIZE,
): AsyncGenerator<OnePage> {
  let wish: PageWish = { first: Math.min(most, PAGE_SIZE), after: null };
  for (;;) {
    const page = await read(wish).catch(allowedInstead);
    if (typeof page === "number") {
      wish = { ...wish, first: page };
      continue;
    }
    yield page;
    if (!page.pageInfo.hasNextPage) return;
    wish = { ...wish, after: page.pageInfo.endCursor };
  }
}

/** How many rows this service gives at once, if it refused to give more. */
function allowedInstead(error: unknown): number {
  if (error instanceof ApiError && error.details.kind === "pageSize" && error.details.limit) return error.details.limit;
  throw error;
}

/** A page of a Relay connection. */
export interface Page<Row> {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Page after page, each read when it is wanted. */
export async function* readPages<Row, OnePage extends Page<Row>>(
  read: (after: string | null) => Promise<OnePage>,
): AsyncGenerator<OnePage> {
  let after: string | null = null;
  do {
    const page: OnePage = await read(after);
    yield page;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
}

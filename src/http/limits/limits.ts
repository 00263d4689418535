/** How much one request may ask for, and one caller. */
export interface Limits {
  /** Fields inside fields. */
  readonly depth: number;
  /** Values that an operation may answer at most, by its page sizes; see `query-cost.ts`. */
  readonly cost: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields and fragments that an operation writes down, those of a fragment as often as it is spread. */
  readonly fields: number;
  /** Words and signs of a document, as GraphQL counts them. */
  readonly documentTokens: number;
  /** Of a request's body, or of a message over WebSocket. */
  readonly bodyBytes: number;
  readonly pageSize: number;
  /** Items of each list among the variables. */
  readonly listLength: number;
  /** For a query in all, and for each reading of a subscription; mutations end by themselves. */
  readonly queryMs: number;
  /** Of one key or person, at this replica; null for any number. */
  readonly requestsPerMinute: number | null;
  /** That one key or person has open at once, at this replica; null for any number. */
  readonly openSubscriptions: number | null;
}

/** Of an installation that was told nothing. The Playground, the report, the command line and `examples/` stay far below. */
export const DEFAULT_LIMITS: Limits = {
  depth: 15,
  cost: 100_000,
  aliases: 30,
  directives: 20,
  fields: 480,
  documentTokens: 2_000,
  bodyBytes: 1024 * 1024,
  pageSize: 500,
  listLength: 10_000,
  queryMs: 30_000,
  requestsPerMinute: 6_000,
  openSubscriptions: 1_000,
};

/** All that the page asks of the API. `test/web/report-queries.test.ts` holds each against the schema. */

/** Whether a key is good. */
export const KEY = "query ReportKey { __typename }";

export type Stamp = string;

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

const PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

export interface Totals {
  readonly apps: number;
  readonly bought: number;
  readonly assigned: number;
  readonly free: number;
  readonly waiting: number;
  readonly retired: number;
}

export interface TotalsAnswer {
  readonly licenseReport: { readonly asOf: Stamp | null; readonly totals: Totals };
  readonly locked: { readonly totalCount: number };
  readonly expiring: { readonly totalCount: number };
}

export const TOTALS = `query ReportTotals($token: ID, $productType: ProductType!) {
  licenseReport(token: $token, productType: $productType) {
    asOf
    totals { apps bought assigned free waiting retired }
  }
  locked: tokens(filter: {
    healthState: [EXPIRED, REVOKED, INVALID, CLAIMED_ELSEWHERE, DUPLICATE_LOCATION, READ_ONLY, SUSPENDED]
  }) { totalCount }
  expiring: tokens(filter: { healthState: [EXPIRING] }) { totalCount }
}`;

export interface TokenSeen {
  readonly id: string;
  readonly name: string;
  readonly organization: string | null;
  readonly locationName: string | null;
  readonly expiresAt: Stamp | null;
  readonly lastSyncAt: Stamp | null;
  readonly health: { readonly state: string; readonly cause: string | null; readonly remedy: string | null };
}

export interface TokensAnswer {
  readonly tokens: {
    readonly nodes: readonly TokenSeen[];
    readonly totalCount: number;
    readonly pageInfo: PageInfo;
  };
}

export const TOKENS = `query ReportTokens($search: String, $first: Int, $after: String, $last: Int, $before: String) {
  tokens(
    first: $first, after: $after, last: $last, before: $before
    filter: { search: $search }, orderBy: { field: EXPIRES_AT }
  ) {
    nodes { id name organization locationName expiresAt lastSyncAt health { state cause remedy } }
    totalCount
    ${PAGE_INFO}
  }
}`;

export interface AppSeen {
  readonly name: string | null;
  readonly adamId: string;
  readonly bought: number | null;
  readonly assigned: number;
  readonly free: number | null;
  readonly waiting: number;
  readonly retired: number;
  readonly unlimited: boolean;
  readonly token: { readonly name: string };
  readonly storeApp: {
    readonly id: string;
    readonly warning: string | null;
    readonly forecast: { readonly endsAt: Stamp | null };
  };
}

export interface AppsAnswer {
  readonly licenseReport: {
    readonly apps: { readonly nodes: readonly AppSeen[]; readonly pageInfo: PageInfo };
  };
}

export const APPS = `query ReportApps(
  $token: ID, $productType: ProductType!, $search: String, $orderBy: StoreAppOrder!
  $first: Int, $after: String, $last: Int, $before: String
) {
  licenseReport(token: $token, productType: $productType) {
    apps(
      first: $first, after: $after, last: $last, before: $before
      filter: { nameContains: $search }, orderBy: $orderBy
    ) {
      nodes {
        name adamId bought assigned free waiting retired unlimited
        token { name }
        storeApp { id warning forecast { endsAt } }
      }
      ${PAGE_INFO}
    }
  }
}`;

export interface AppCountAnswer {
  readonly licenseReport: { readonly apps: { readonly totalCount: number } };
}

/** Apart from the page, which would wait for it: a million apps are counted in seconds, and twenty-five read in no time. */
export const APP_COUNT = `query ReportAppCount($token: ID, $productType: ProductType!, $search: String) {
  licenseReport(token: $token, productType: $productType) {
    apps(first: 1, filter: { nameContains: $search }) { totalCount }
  }
}`;

export interface HistoryDay {
  readonly day: Stamp;
  readonly bought: number | null;
  readonly assigned: number;
  readonly held: number;
  readonly free: number | null;
  readonly waiting: number;
}

export interface Forecast {
  readonly perDay: number | null;
  readonly basedOnDays: number;
  readonly endsAt: Stamp | null;
}

export interface DetailAnswer {
  readonly storeApp: {
    readonly freeCount: number | null;
    readonly waiting: number;
    readonly licenseHistory: readonly HistoryDay[];
    readonly forecast: Forecast;
  } | null;
}

export const DETAIL = `query ReportDetail($storeApp: ID!, $from: DateTime!) {
  storeApp(id: $storeApp) {
    freeCount
    waiting
    licenseHistory(from: $from) { day bought assigned held free waiting }
    forecast { perDay basedOnDays endsAt }
  }
}`;

export const SYNC_RUNS = `subscription ReportSyncRuns { syncRunChanged { id endedAt } }`;

export const STORE_APPS = `subscription ReportStoreApps($ids: [ID!]!) { storeAppChanged(ids: $ids) { id } }`;

export const TOKEN_HEALTH = `subscription ReportTokenHealth { tokenHealthChanged { id } }`;

import type { Api } from "../api/connect-api.js";
import { type Page, type PageWish, readPages } from "../api/read-pages.js";
import { progressBar } from "../progress-bar.js";

/** What the report is to be about. */
export interface ReportWish {
  readonly token: string | null;
  /** A part of the name. */
  readonly search: string | null;
  readonly productType: "APP" | "BOOK";
  /** At most so many apps; null for all. */
  readonly limit: number | null;
}

/** One app; null for what an unlimited one has no number of. */
export interface ReportRow {
  readonly name: string | null;
  readonly adamId: string;
  readonly bought: number | null;
  readonly assigned: number;
  readonly held: number;
  readonly free: number | null;
  readonly waiting: number;
  readonly retired: number;
  readonly unlimited: boolean;
  readonly countsAt: string;
  readonly token: { readonly name: string };
}

export interface ReportTotals {
  readonly apps: number;
  readonly bought: number;
  readonly assigned: number;
  readonly held: number;
  readonly free: number;
  readonly waiting: number;
  readonly retired: number;
}

/** The report, as it is read: the apps page by page, for there may be a million. */
export interface Report {
  readonly asOf: string | null;
  /** Over all that the token owns, whatever is searched for. */
  readonly totals: ReportTotals;
  readonly rows: AsyncIterable<ReportRow>;
}

/** The service adds up for the first page alone: that takes longer than the page. */
const REPORT = `query ($token: ID, $productType: ProductType!, $filter: StoreAppFilter, $first: Int!, $after: String,
                       $isFirst: Boolean!) {
  licenseReport(token: $token, productType: $productType) {
    asOf @include(if: $isFirst)
    totals @include(if: $isFirst) { apps bought assigned held free waiting retired }
    apps(first: $first, after: $after, filter: $filter) {
      nodes { name adamId bought assigned held free waiting retired unlimited countsAt token { name } }
      pageInfo { hasNextPage endCursor } } } }`;

interface ReportPage extends Page<ReportRow> {
  readonly asOf?: string | null;
  readonly totals?: ReportTotals;
}

/** Reads the first page, and the others when they are asked for. */
export async function readReport(api: Api, wish: ReportWish): Promise<Report> {
  const pages = readPages<ReportRow, ReportPage>((page) => readPage(api, wish, page), wish.limit ?? undefined);
  const first = await pages.next();
  if (first.done || !first.value.totals) throw new Error("The report has no first page");
  const { asOf = null, totals } = first.value;
  return { asOf, totals, rows: rowsOf(first.value, pages, wish.limit ?? Number.POSITIVE_INFINITY, totals.apps) };
}

async function readPage(api: Api, { token, search, productType }: ReportWish, page: PageWish) {
  const { licenseReport } = await api.ask<{
    licenseReport: Omit<ReportPage, keyof Page<ReportRow>> & { readonly apps: Page<ReportRow> };
  }>(REPORT, {
    token,
    productType,
    filter: search === null ? null : { nameContains: search },
    isFirst: page.after === null,
    ...page,
  });
  const { apps, ...whole } = licenseReport;
  return { ...whole, ...apps };
}

async function* rowsOf(first: ReportPage, others: AsyncIterable<ReportPage>, limit: number, all: number) {
  const total = Math.min(limit, all);
  const isLong = first.pageInfo.hasNextPage && limit > first.nodes.length;
  // Rows that a person sees coming are progress enough, and would be written over.
  const bar = isLong && !process.stdout.isTTY ? progressBar("Reading", "apps") : null;
  let read = 0;
  try {
    for await (const page of joined(first, others)) {
      const nodes = page.nodes.slice(0, limit - read);
      read += nodes.length;
      bar?.update(read, total);
      yield* nodes;
      if (read >= limit) return;
    }
  } finally {
    bar?.stop();
  }
}

async function* joined(first: ReportPage, others: AsyncIterable<ReportPage>) {
  yield first;
  yield* others;
}

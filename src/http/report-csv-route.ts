import { pipeline } from "node:stream/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError, type ErrorCode, type ErrorDetails } from "../errors.js";
import type { Core } from "../sync/core.js";
import { reportCsv } from "./report-csv.js";
import { REPORT_PAGE } from "./report-page.js";

interface Connection {
  readonly nodes: readonly Record<string, unknown>[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface Answer {
  readonly data?: { readonly licenseReport: { readonly apps: Connection } } | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: ErrorCode; readonly details: ErrorDetails };
  }[];
}

/** The header of a request for a page of a table that was counted with its first one. */
export const FURTHER_PAGE = "x-allotment-further-page";

export interface ReportCsvOptions {
  /** Rows that are read at once. */
  readonly pageSize: number;
  /** What FURTHER_PAGE holds: known to this process alone. */
  readonly furtherPage: string;
}

type ReadPage = (after: string | null, first: number) => Promise<Connection>;

/**
 * Mounts `/report.csv`: the rows of `licenseReport`, with its arguments `token` and `productType`. They are asked of the API page
 * by page, in the caller's name and as the caller reads on; who may not ask is answered as the API does. The whole table is one
 * request of those that a key may send. If a later page fails, the connection is cut, so that nobody takes the half for the whole.
 */
export function addReportCsvRoute(
  http: FastifyInstance,
  core: Core,
  { pageSize, furtherPage }: ReportCsvOptions,
): void {
  http.route({
    url: "/report.csv",
    method: ["GET", "HEAD"],
    async handler(request, reply) {
      const read: ReadPage = (after, first) => readPage(http, request, { first, after }, furtherPage);
      const isHead = request.method === "HEAD";
      // For HEAD, whether the caller may ask. A refusal is no file.
      const first = await read(null, isHead ? 1 : pageSize);
      const day = core.clock.now().toISOString().slice(0, 10);
      reply.type("text/csv; charset=utf-8; header=present");
      reply.header("content-disposition", `attachment; filename="licence-report-${day}.csv"`);
      if (isHead) return reply.send();
      const table = reportCsv({ bom: true });
      pipeline(
        rowsFrom(first, (after) => read(after, pageSize)),
        table,
      ).catch((error: unknown) => {
        if (!request.raw.destroyed) core.log.warn({ error }, "A report was cut off");
      });
      return reply.send(table);
    },
  });
}

async function* rowsFrom(
  first: Connection,
  readAfter: (cursor: string | null) => Promise<Connection>,
): AsyncGenerator<Record<string, unknown>> {
  for (let page = first; ; page = await readAfter(page.pageInfo.endCursor)) {
    yield* page.nodes;
    if (!page.pageInfo.hasNextPage) return;
  }
}

/** @throws AppError as the API answers. */
async function readPage(
  http: FastifyInstance,
  request: FastifyRequest,
  page: { readonly first: number; readonly after: string | null },
  furtherPage: string,
): Promise<Connection> {
  const { token, productType = "APP" } = request.query as Record<string, unknown>;
  const { authorization } = request.headers;
  const response = await http.inject({
    method: "POST",
    url: "/graphql",
    remoteAddress: request.ip,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(page.after !== null && { [FURTHER_PAGE]: furtherPage }),
    },
    payload: { query: REPORT_PAGE, variables: { token, productType, ...page } },
  });
  const { data, errors } = response.json<Answer>();
  const error = errors?.[0];
  if (error) throw new AppError(error.extensions.code, error.message, error.extensions.details);
  if (!data) throw new Error("The API answered neither data nor an error");
  return data.licenseReport.apps;
}

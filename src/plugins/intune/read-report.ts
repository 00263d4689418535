import { PluginError } from "../contract.js";
import { isOk } from "./failure.js";
import type { Graph } from "./graph.js";
import { type ReportRow, readRows } from "./report-rows.js";
import { reportShape } from "./wire.js";

const REPORT = "/v1.0/deviceManagement/reports/retrieveDeviceAppInstallationStatusReport";
const WHAT = "report the app's installs";
/** What most clients ask for; a server may give less. */
const PAGE = 50;
const PAGES_AT_ONCE = 4;
/** A longer one is better exported. */
const MOST_ROWS = 5_000;

/** Refusals of a tenant or cloud that does not have the report. */
const NOT_THERE: ReadonlySet<number> = new Set([400, 404, 405, 501]);

interface Part {
  readonly rows: ReadonlyMap<string, ReportRow>;
  readonly length: number;
  readonly total: number;
}

/**
 * The states of an app on all devices, by device. Columns are not named: naming one that the tenant lacks is an error.
 * @returns null where the report is refused, or too long: then it has to be exported.
 */
export async function readReport(
  graph: Graph,
  appId: string,
  signal: AbortSignal,
): Promise<Map<string, ReportRow> | null> {
  const first = await readPart(graph, appId, 0, signal);
  if (first === null || first.total > MOST_ROWS) return null;
  const found = new Map(first.rows);
  if (first.length === 0) return found;
  // Every page is as long as the first, but for the last.
  const skips = Array.from(
    { length: Math.ceil(first.total / first.length) - 1 },
    (_, index) => (index + 1) * first.length,
  );
  for (let start = 0; start < skips.length; start += PAGES_AT_ONCE) {
    const some = skips.slice(start, start + PAGES_AT_ONCE);
    for (const part of await Promise.all(some.map((skip) => readPart(graph, appId, skip, signal)))) {
      if (part === null)
        throw new PluginError("transient", "Microsoft Graph broke off the report of the app's installs.");
      for (const [device, row] of part.rows) found.set(device, row);
    }
  }
  return found;
}

async function readPart(graph: Graph, appId: string, skip: number, signal: AbortSignal): Promise<Part | null> {
  const body = { filter: `(ApplicationId eq '${appId}')`, skip, top: PAGE };
  const answer = await graph.call({ method: "POST", place: REPORT, body }, signal);
  if (NOT_THERE.has(answer.status)) return null;
  if (!isOk(answer)) throw graph.failure(answer, WHAT);
  const read = reportShape.safeParse(answer.body);
  if (!read.success)
    throw new PluginError("internal", "Microsoft Graph's report of the app's installs has an unknown shape.");
  const { TotalRowCount: total, Schema, Values } = read.data;
  const columns = Schema.map(({ Column }) => Column);
  return { rows: readRows(columns, Values), length: Values.length, total };
}

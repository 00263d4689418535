import { type Answer, bytes } from "../protocol/answer.js";
import { badRequest, GraphError } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import { appOfFilter, reportRows } from "./report-rows.js";

interface Wanted {
  readonly select?: unknown;
  readonly filter?: unknown;
  readonly top?: unknown;
  readonly skip?: unknown;
}

/** The report as a stream of bytes that hold JSON: a schema, and rows by position, whose empty end may be missing. */
export function appInstallationReport({ world, body }: GraphRequest): Answer {
  const { switches } = world;
  if (switches.report === "refused") {
    throw new GraphError(
      400,
      "BadRequest",
      "Resource not found for the segment 'retrieveDeviceAppInstallationStatusReport'.",
    );
  }
  const { select, filter, top = 50, skip = 0 } = (body ?? {}) as Wanted;
  const rows = reportRows(world, appOfFilter(world, filter));
  const columns = columnsOf(rows[0], select);
  const start = Number(skip);
  const page = rows.slice(start, start + Math.min(Number(top), switches.reportMaxTop));
  const values = page.map((row) => positional(row, columns, switches.reportRows === "short"));
  const report = {
    TotalRowCount: rows.length,
    Schema: columns.map((Column) => ({ Column, PropertyType: /State|ErrorCode$/.test(Column) ? "Int32" : "String" })),
    Values: values,
    SessionId: "",
  };
  return bytes(Buffer.from(JSON.stringify(report)), "application/octet-stream");
}

const ALWAYS = "ApplicationId,DeviceId,DeviceName,InstallState,AppInstallState,LastModifiedDateTime".split(",");

function columnsOf(row: Record<string, unknown> | undefined, select: unknown): string[] {
  const known = row ? Object.keys(row) : ALWAYS;
  if (!Array.isArray(select) || select.length === 0) return known;
  const unknown = select.find((name) => row && !known.includes(String(name)));
  if (unknown !== undefined) throw badRequest(`The column '${unknown}' is not valid for this report.`);
  return select.map(String);
}

function positional(row: Record<string, unknown>, columns: readonly string[], short: boolean): unknown[] {
  const values = columns.map((column) => row[column] ?? null);
  while (short && values.length > 0 && values.at(-1) === null) values.pop();
  return values;
}

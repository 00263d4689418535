import { strToU8, zipSync } from "fflate";
import { type Answer, json } from "../protocol/answer.js";
import { badRequest, notFound } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import { appOfFilter, exportRows } from "./report-rows.js";

export interface ExportJob {
  readonly id: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly requestDateTime: string;
  status: "notStarted" | "inProgress" | "completed" | "failed";
  /** The address is a secret by itself, as a signed link is. */
  readonly signature: string;
  readonly file: Uint8Array;
}

/** Where the files are fetched, outside of Graph, by whoever knows the whole link. */
export const EXPORT_PATH = /^\/exports\/([^/]+)\.zip$/;

interface Wanted {
  readonly reportName?: unknown;
  readonly filter?: unknown;
  readonly select?: unknown;
  readonly format?: unknown;
  readonly localizationType?: unknown;
}

export function startExportJob(request: GraphRequest): Answer {
  const { world, body } = request;
  const given = (body ?? {}) as Wanted;
  if (given.reportName !== "DeviceInstallStatusByApp") throw badRequest("The report is not known.");
  const rows = exportRows(
    world,
    appOfFilter(world, given.filter),
    given.localizationType === "ReplaceLocalizableValues",
  );
  const wanted = Array.isArray(given.select) ? given.select.map(String) : Object.keys(rows[0] ?? { DeviceId: "" });
  const added = given.localizationType === "LocalizedValuesAsAdditionalColumn" ? ["AppInstallState_loc"] : [];
  const columns = [...wanted, ...added];
  const id = `DeviceInstallStatusByApp_${world.random.uuid()}`;
  const job: ExportJob = {
    id,
    request: { reportName: given.reportName, filter: given.filter, select: columns, format: given.format ?? "csv" },
    requestDateTime: new Date().toISOString(),
    status: "notStarted",
    signature: world.random.uuid(),
    file: zipSync({ [`${id}.csv`]: strToU8(csv(rows, columns)) }),
  };
  world.exports.set(id, job);
  const { exportStepMs } = world.switches;
  world.after(exportStepMs, () => {
    job.status = "inProgress";
  });
  world.after(exportStepMs * 2, () => {
    job.status = "completed";
  });
  return json(row(request, job), 201);
}

export function getExportJob(request: GraphRequest): Answer {
  const id = request.parts[0] || request.parts[1] || "";
  const job = request.world.exports.get(id);
  if (!job) throw notFound(`The export job '${id}'`);
  return json(row(request, job));
}

function row(
  { origin }: GraphRequest,
  { id, status, request, requestDateTime, signature }: ExportJob,
): Record<string, unknown> {
  const isDone = status === "completed";
  return {
    id,
    status,
    ...request,
    requestDateTime,
    url: isDone ? `${origin}/exports/${id}.zip?sig=${signature}` : null,
    expirationDateTime: isDone ? new Date(Date.now() + 6 * 3_600_000).toISOString() : "0001-01-01T00:00:00Z",
  };
}

function csv(rows: readonly Record<string, unknown>[], columns: readonly string[]): string {
  const line = (values: readonly unknown[]) =>
    values.map((value) => `"${String(value ?? "").replaceAll('"', '""')}"`).join(",");
  return [line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join("\r\n");
}

import { parse } from "csv-parse/sync";
import { unzipSync } from "fflate";
import { PluginError, type PluginTools } from "../contract.js";
import type { Graph } from "./graph.js";
import { type ReportRow, readRows } from "./report-rows.js";
import { unreachable } from "./request-json.js";
import { EXPORT_COLUMNS, exportJobShape } from "./wire.js";

const JOBS = "/v1.0/deviceManagement/reports/exportJobs";
const WHAT = "export the app's installs";
/** A job that is not done by then is given up. */
const PATIENCE_MS = 30 * 60_000;
/** After unpacking: as much as an answer may have. */
const MOST_BYTES = 32 * 1024 * 1024;

/** The other way to the states of an app: a job at Intune that writes a file. It is asked about once a call. */
export interface ReportExport {
  /** @returns null while Intune is still writing: ask again later. */
  read(appId: string, signal: AbortSignal): Promise<Map<string, ReportRow> | null>;
}

export function createReportExport(graph: Graph, { fetch, now }: PluginTools): ReportExport {
  const jobs = new Map<string, { readonly id: string; readonly until: number }>();

  const start = async (appId: string, signal: AbortSignal): Promise<void> => {
    const body = {
      reportName: "DeviceInstallStatusByApp",
      filter: `(ApplicationId eq '${appId}')`,
      select: EXPORT_COLUMNS,
      format: "csv",
      localizationType: "LocalizedValuesAsAdditionalColumn",
    };
    const { id } = await graph.need(WHAT, exportJobShape, { method: "POST", place: JOBS, body }, signal);
    jobs.set(appId, { id, until: now().getTime() + PATIENCE_MS });
  };

  return {
    async read(appId, signal) {
      const job = jobs.get(appId);
      if (!job || job.until < now().getTime()) {
        await start(appId, signal);
        return null;
      }
      const place = `${JOBS}('${encodeURIComponent(job.id)}')`;
      const answer = await graph.call({ method: "GET", place }, signal);
      const told = exportJobShape.safeParse(answer.body);
      if (answer.status === 404) jobs.delete(appId);
      if (!told.success) throw graph.failure(answer, WHAT);
      if (told.data.status === "failed") {
        jobs.delete(appId);
        throw new PluginError("transient", "Intune failed to export the app's installs.");
      }
      if (told.data.status !== "completed" || told.data.url === null) return null;
      jobs.delete(appId);
      return readExport(await download(fetch, told.data.url, signal));
    },
  };
}

/** The link is signed, and leads to a storage that must not see our token. */
async function download(fetch: PluginTools["fetch"], url: string, signal: AbortSignal): Promise<Uint8Array> {
  const who = "The storage of Intune's exports";
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new PluginError("transient", `${who} answered ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw unreachable(who, signal, error);
  }
}

/** A zip that holds one file of comma-separated values. */
function readExport(zip: Uint8Array): Map<string, ReportRow> {
  try {
    const files = unzipSync(zip, {
      filter: ({ name, originalSize }) => name.endsWith(".csv") && originalSize <= MOST_BYTES,
    });
    const [csv] = Object.values(files);
    if (!csv) throw new Error("no file in it");
    const [columns = [], ...rows] = parse(Buffer.from(csv), { bom: true, relaxColumnCount: true }) as string[][];
    return readRows(columns, rows);
  } catch {
    throw new PluginError("transient", "The file that Intune exported cannot be read, as if it were cut off.");
  }
}

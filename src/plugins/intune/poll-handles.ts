import { PluginError, type PluginTools, type Statuses, type StepStatus, timeLimit } from "../contract.js";
import type { ReportExport } from "./export-report.js";
import type { Graph } from "./graph.js";
import { readHandle, type StepHandle } from "./handle.js";
import type { KnownDevices } from "./known-devices.js";
import { readReport } from "./read-report.js";
import { readStatus } from "./read-status.js";
import type { ReportRow } from "./report-rows.js";

/** A report serves the handles of calls that follow each other, none of them twice. */
const REPORT_SERVES_MS = 60_000;

interface Asked extends StepHandle {
  readonly handle: string;
}

interface Reading {
  readonly rows: ReadonlyMap<string, ReportRow>;
  readonly until: number;
  readonly served: Set<string>;
}

/** Asks what became of steps, by one report an app. */
export type Poll = (handles: readonly string[], signal: AbortSignal) => Promise<Statuses>;

export function createPoll(graph: Graph, devices: KnownDevices, exported: ReportExport, tools: PluginTools): Poll {
  let readings = new Map<string, Reading>();
  /** The app that was read longest ago comes first: so time runs out for another one each time. */
  const turns = new Map<string, number>();
  let turn = 0;

  /** Null while there is nothing to read yet. */
  const rowsOf = async (appId: string, asked: readonly Asked[], signal: AbortSignal) => {
    const known = readings.get(appId);
    const isNew = known && known.until > tools.now().getTime() && !asked.some(({ handle }) => known.served.has(handle));
    const rows = isNew ? known.rows : await readStates(graph, exported, appId, signal);
    if (rows === null) return null;
    const served = new Set([...(isNew ? known.served : []), ...asked.map(({ handle }) => handle)]);
    const until = isNew ? known.until : tools.now().getTime() + REPORT_SERVES_MS;
    readings = new Map([
      ...[...readings].filter(([id, { until: end }]) => id !== appId && end > tools.now().getTime()),
      [appId, { rows, until, served }],
    ]);
    return rows;
  };

  return async (handles, signal) => {
    const statuses: StepStatus[] = [];
    const errors: PluginError[] = [];
    const isOver = timeLimit(tools.now);
    const apps = [...groupByApp(handles)].sort(([one], [other]) => (turns.get(one) ?? 0) - (turns.get(other) ?? 0));
    for (const [appId, asked] of apps) {
      if (isOver()) break;
      turns.set(appId, ++turn);
      try {
        const rows = await rowsOf(appId, asked, signal);
        if (rows !== null) statuses.push(...(await newsOf(devices, tools, asked, rows, signal)));
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        errors.push(error);
        tools.log("The states of an app could not be read", { app: appId, kind: error.kind, error: error.message });
        if (error.kind !== "rejected") break;
      }
    }
    const [first] = errors;
    if (first && first.kind !== "rejected" && statuses.length === 0) throw first;
    return { statuses, followUps: [] };
  };
}

async function readStates(graph: Graph, exported: ReportExport, appId: string, signal: AbortSignal) {
  return (await readReport(graph, appId, signal)) ?? exported.read(appId, signal);
}

function groupByApp(handles: readonly string[]): Map<string, Asked[]> {
  const byApp = new Map<string, Asked[]>();
  for (const handle of handles) {
    const read = readHandle(handle);
    if (read) byApp.set(read.app, [...(byApp.get(read.app) ?? []), { ...read, handle }]);
  }
  return byApp;
}

/**
 * What the rows say in answer to these steps. No row yet is no news. That the app is there counts whenever it was seen; an
 * end of another kind counts only if it was seen after the step was decided, or if the device has been heard of since:
 * otherwise it is the end of what was wanted before.
 */
async function newsOf(
  devices: KnownDevices,
  { now }: Pick<PluginTools, "now">,
  asked: readonly Asked[],
  rows: ReadonlyMap<string, ReportRow>,
  signal: AbortSignal,
): Promise<StepStatus[]> {
  const answers = asked.flatMap((one) => {
    const row = rows.get(one.device);
    return row ? [{ one, row, told: readStatus(one.wants, row) }] : [];
  });
  const isOld = ({ one, row, told }: (typeof answers)[number]) => told.state !== "installed" && !isSince(one, row.at);
  const doubtful = answers.filter((answer) => isOld(answer) && ENDS.has(answer.told.state));
  const heard = await devices.find(
    doubtful.map(({ one }) => one.device),
    "now",
    signal,
  );
  return answers.flatMap((answer) => {
    const { one, row, told } = answer;
    if (isOld(answer) && !isSince(one, heard.get(one.device)?.lastSyncDateTime ?? null)) return [];
    const seen = row.at ?? now();
    return { handle: one.handle, device: one.device, observedAt: seen > one.since ? seen : one.since, ...told };
  });
}

const ENDS: ReadonlySet<string> = new Set(["removed", "failed"]);

function isSince({ since }: Asked, at: Date | null): boolean {
  return at !== null && at >= since;
}

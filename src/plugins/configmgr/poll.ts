import { PluginError, type Statuses, type StepStatus, timeLimit } from "../contract.js";
import type { Site } from "./apply.js";
import { findDeployments, readDetails } from "./deployments.js";
import { type Handle, readHandle } from "./handle.js";
import { interpret, type Meaning, strongest } from "./interpret.js";
import { readRules } from "./members.js";

/**
 * What devices have reported. The rows have no time of their own (`StartTime` is the deployment's), so the time is that of the
 * question. A member without a row has not reported yet; a row of who is no member any more is history. Where there is not the
 * time for all handles it begins anywhere, so that each has its turn.
 */
export async function poll(site: Site, handles: readonly string[], signal: AbortSignal): Promise<Statuses> {
  const statuses: StepStatus[] = [];
  const isOver = timeLimit(site.now);
  let isFirst = true;
  for (const text of fromAnywhere([...new Set(handles)], site.random)) {
    const handle = readHandle(text);
    if (handle === null) continue;
    if (!isFirst && isOver()) break;
    const observedAt = site.now();
    try {
      for (const [resourceId, meaning] of await readMeanings(site, handle, signal)) {
        statuses.push({ handle: text, device: String(resourceId), observedAt, ...meaning });
      }
    } catch (error) {
      if (isFirst || !(error instanceof PluginError)) throw error;
      break;
    }
    isFirst = false;
  }
  return { statuses, followUps: [] };
}

function fromAnywhere(texts: readonly string[], random: () => number): string[] {
  const start = Math.floor(random() * texts.length);
  return [...texts.slice(start), ...texts.slice(0, start)];
}

/** By device. */
export async function readMeanings(
  { service }: Pick<Site, "service">,
  { wish, collectionId, modelId }: Handle,
  signal: AbortSignal,
): Promise<Map<number, Meaning>> {
  const { rules } = await readRules(service, collectionId, signal);
  const [deployment] = rules.size === 0 ? [] : await findDeployments(service, collectionId, modelId, signal);
  const rows = new Map<number, Meaning[]>();
  for (const row of deployment ? await readDetails(service, deployment, signal) : []) {
    rows.set(row.MachineID, [...(rows.get(row.MachineID) ?? []), interpret(row, wish)]);
  }
  const silent: Meaning = { state: deployment ? "pending" : "unknown" };
  return new Map([...rules.keys()].map((id) => [id, rows.has(id) ? strongest(rows.get(id) ?? []) : silent]));
}

import type { Statuses, StepStatus } from "../contract.js";
import type { Site } from "./apply.js";
import { findDeployments, readDetails } from "./deployments.js";
import { type Handle, readHandle } from "./handle.js";
import { interpret, type Meaning, strongest } from "./interpret.js";
import { readRules } from "./members.js";

/**
 * What devices have reported. The rows tell no time and are as old as the site's last summary of them, so the time is that of
 * the answer. A member without a row has not reported yet; a row of who is no member any more is history.
 */
export async function poll(site: Site, handles: readonly string[], signal: AbortSignal): Promise<Statuses> {
  const statuses: StepStatus[] = [];
  for (const text of new Set(handles)) {
    const handle = readHandle(text);
    if (handle === null) continue;
    const observedAt = site.now();
    for (const [resourceId, meaning] of await readMeanings(site, handle, signal)) {
      statuses.push({ handle: text, device: String(resourceId), observedAt, ...meaning });
    }
  }
  return { statuses, followUps: [] };
}

/** By device. */
export async function readMeanings(
  { service }: Pick<Site, "service">,
  { wish, collectionId, modelId }: Handle,
  signal: AbortSignal,
): Promise<Map<number, Meaning>> {
  const members = await readRules(service, collectionId, signal);
  const [deployment] = members.size === 0 ? [] : await findDeployments(service, collectionId, modelId, signal);
  const rows = new Map<number, Meaning[]>();
  for (const row of deployment ? await readDetails(service, deployment, signal) : []) {
    rows.set(row.MachineID, [...(rows.get(row.MachineID) ?? []), interpret(row, wish)]);
  }
  const silent: Meaning = { state: deployment ? "pending" : "unknown" };
  return new Map([...members.keys()].map((id) => [id, rows.has(id) ? strongest(rows.get(id) ?? []) : silent]));
}

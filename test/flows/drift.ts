import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";
import { type Counted, whole } from "./whole-list.js";

/** The steps of stories about what Apple, the service and an MDM say differently. */

export interface DriftSeen {
  readonly id: string;
  readonly type: string;
  readonly since: string | null;
  readonly storeApp: { readonly id: string };
  readonly license: { readonly id: string; readonly holderKey: string } | null;
  readonly installations: readonly { readonly id: string; readonly state: string }[];
  readonly evidence: readonly { readonly side: string; readonly says: string; readonly at: string | null }[];
  readonly remedy: RemedySeen;
}

export interface RemedySeen {
  readonly repair: string;
  readonly why: string;
}

const FIELDS = `id type since storeApp { id } license { id holderKey } installations { id state }
  evidence { side says at } remedy { repair why }`;

export async function drifts(api: ApiClient, filter: Record<string, unknown> = {}): Promise<DriftSeen[]> {
  return whole(async () => {
    const { licenseDrift } = await api.ask<{ licenseDrift: Counted<DriftSeen> }>(
      `query ($filter: LicenseDriftFilter) { licenseDrift(first: 500, filter: $filter) { totalCount nodes { ${FIELDS} } } }`,
      { filter },
    );
    return licenseDrift;
  });
}

/** Waits until there are these types of drift and no others, in the order of their names. */
export async function driftsBecome(api: ApiClient, ...types: readonly string[]): Promise<DriftSeen[]> {
  let seen: DriftSeen[] = [];
  return eventually(
    async () => {
      seen = await drifts(api);
      return JSON.stringify(seen.map(({ type }) => type).sort()) === JSON.stringify([...types].sort()) ? seen : null;
    },
    () => seen,
  );
}

/** What is, or would be, done about each of these drifts. */
export async function repair(
  api: ApiClient,
  ids: readonly string[],
  options: { dryRun?: boolean } = {},
): Promise<RemedySeen[]> {
  const { repairDrift } = await api.ask<{
    repairDrift: { repairedCount: number; results: { id: string; remedy: RemedySeen }[] };
  }>(
    `mutation ($input: RepairDriftInput!) { repairDrift(input: $input) {
       repairedCount results { id remedy { repair why } drift { id } } } }`,
    { input: { ids, ...options } },
  );
  if (JSON.stringify(repairDrift.results.map(({ id }) => id)) !== JSON.stringify(ids)) {
    throw new Error("The results are not in the order of the ids");
  }
  const repaired = repairDrift.results.filter(({ remedy }) => remedy.repair !== "NONE").length;
  if (repairDrift.repairedCount !== repaired) throw new Error("The count is not that of the results");
  return repairDrift.results.map(({ remedy }) => remedy);
}

import type { ApiClient } from "../support/api-client.js";
import { type Counted, whole } from "./whole-list.js";

/** The steps of stories about licences that nobody seems to need. */

export interface ReclaimSeen {
  readonly outcome: string;
  readonly installations: readonly { readonly id: string; readonly state: string }[];
  readonly license: { readonly id: string; readonly holderKey: string; readonly state: string };
}

export interface LeakSeen {
  readonly reason: string;
  readonly license: { readonly id: string; readonly holderKey: string };
  readonly reclaim: { readonly outcome: string };
}

export interface CandidateSeen {
  readonly reasons: readonly string[];
  readonly license: { readonly id: string; readonly holderKey: string };
  readonly reclaim: { readonly outcome: string };
}

export async function leaks(api: ApiClient, filter: Record<string, unknown> = {}): Promise<LeakSeen[]> {
  return whole(async () => {
    const { leakedLicenses } = await api.ask<{ leakedLicenses: Counted<LeakSeen> }>(
      `query ($filter: LeakedLicenseFilter) { leakedLicenses(first: 100, filter: $filter) {
         totalCount nodes { reason license { id holderKey } reclaim { outcome } } } }`,
      { filter },
    );
    return leakedLicenses;
  });
}

export async function candidates(api: ApiClient, filter: Record<string, unknown> = {}): Promise<CandidateSeen[]> {
  return whole(async () => {
    const { reclaimCandidates } = await api.ask<{ reclaimCandidates: Counted<CandidateSeen> }>(
      `query ($filter: ReclaimCandidateFilter) { reclaimCandidates(first: 100, silentDays: 30, filter: $filter) {
         totalCount nodes { reasons license { id holderKey } reclaim { outcome } } } }`,
      { filter },
    );
    return reclaimCandidates;
  });
}

/** Why each candidate is one, by the key of its holder. */
export async function reasonsByHolder(api: ApiClient): Promise<Record<string, readonly string[]>> {
  const found = await candidates(api);
  return Object.fromEntries(found.map(({ license, reasons }) => [license.holderKey, [...reasons].sort()]));
}

export async function reclaim(
  api: ApiClient,
  licenses: readonly string[],
  options: { dryRun?: boolean; evenIfWanted?: boolean } = {},
): Promise<ReclaimSeen[]> {
  const { reclaimLicenses } = await api.ask<{ reclaimLicenses: { results: ReclaimSeen[]; returnedCount: number } }>(
    `mutation ($input: ReclaimLicensesInput!) { reclaimLicenses(input: $input) {
       returnedCount results { outcome installations { id state } license { id holderKey state } } } }`,
    { input: { licenses, ...options } },
  );
  const returned = reclaimLicenses.results.filter(({ outcome }) => outcome === "RETURNED").length;
  if (reclaimLicenses.returnedCount !== returned) throw new Error("The count is not that of the results");
  return reclaimLicenses.results;
}

export async function setNeverReclaim(
  api: ApiClient,
  licenses: readonly string[],
  neverReclaim: boolean,
): Promise<void> {
  await api.ask(
    "mutation ($input: SetNeverReclaimInput!) { setNeverReclaim(input: $input) { licenses { neverReclaim } } }",
    { input: { licenses, neverReclaim } },
  );
}

/** The ends of holdings, as the ledger tells them. */
export async function endings(api: ApiClient): Promise<{ cause: string; actor: string; holder: string }[]> {
  const { licenseEvents } = await api.ask<{
    licenseEvents: { nodes: { kind: string; cause: string; actor: string; license: { holderKey: string } }[] };
  }>("query { licenseEvents(first: 200) { nodes { kind cause actor license { holderKey } } } }");
  return licenseEvents.nodes
    .filter(({ kind }) => kind === "ENDED")
    .map(({ cause, actor, license }) => ({ cause, actor, holder: license.holderKey }));
}

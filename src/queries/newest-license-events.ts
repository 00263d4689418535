import { earliestRecorded } from "./earliest-recorded.js";
import { type LicenseEvent, licenseEventList } from "./lists/license-events.js";
import { readPages } from "./page.js";
import type { Scoped } from "./scopes.js";

/** As many as a page holds. */
const MOST = 500;

/**
 * The newest starts and ends of holdings that the teams see, at most 500, the oldest of them first. Where that leaves out some
 * that may have been committed since a moment, the first one says so.
 * @param token null for all
 * @param since only what may have been committed at this moment or later; null for all
 */
export async function newestLicenseEvents(
  scoped: Scoped,
  token: { readonly id: string; readonly globalId: string } | null,
  since: Date | null,
): Promise<LicenseEvent[]> {
  const from = since && (await earliestRecorded(scoped, token?.id ?? null, since));
  const filter = { token: token?.globalId ?? null, since: from };
  const [page] = await readPages(scoped, licenseEventList, { first: MOST, filter });
  const [first, ...rest] = (page?.edges ?? []).map(({ node }) => node).reverse();
  if (!first) return [];
  return [page?.hasNextPage && from ? { ...first, leftOutSince: from } : first, ...rest];
}

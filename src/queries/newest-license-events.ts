import { type LicenseEvent, licenseEventKey, licenseEventList } from "./lists/license-events.js";
import type { NodeKey } from "./node-key.js";
import { readPages } from "./page.js";
import type { Scoped } from "./scopes.js";

/** As many as a page holds. */
const MOST = 500;

/**
 * The newest starts and ends of holdings that the teams see, the oldest of them first.
 * @param token its global id; null for all
 * @param since only what was at this moment or later; null for all
 */
export async function newestLicenseEvents(
  scoped: Scoped,
  token: string | null,
  since: Date | null,
): Promise<NodeKey[]> {
  const [page] = await readPages(scoped, licenseEventList, { first: MOST, filter: { token, since } });
  const events: readonly LicenseEvent[] = page?.edges.map(({ node }) => node) ?? [];
  return events.map(licenseEventKey).reverse();
}

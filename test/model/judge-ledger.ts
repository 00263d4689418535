import { nameOf } from "./judge-agreement.js";
import type { LicenseSeen, Seen } from "./seen.js";
import type { World } from "./world.js";

const BY_OTHERS = new Set(["EXTERNAL", "SYNC"]);

/** The ledger says who gave and took, and no holder ever held two licences of one app at once. */
export function judgeLedger(world: World, { ours: { licenses } }: Seen): string[] {
  const faults: string[] = [];
  const byHolder = new Map<string, LicenseSeen[]>();
  for (const license of licenses) {
    const place = `${license.app} ${license.holder}`;
    if (BY_OTHERS.has(license.startCause) && !world.given.has(place)) {
      faults.push(`${nameOf(license)} is said to be given by somebody else, and nobody has`);
    }
    if (license.endCause !== null && BY_OTHERS.has(license.endCause) && !world.taken.has(place)) {
      faults.push(`${nameOf(license)} is said to be taken by somebody else, and nobody has`);
    }
    const name = nameOf(license);
    byHolder.set(name, [...(byHolder.get(name) ?? []), license]);
  }
  for (const [name, held] of byHolder) {
    const inOrder = [...held].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
    const overlaps = inOrder.some((one, index) => {
      const next = inOrder[index + 1];
      return next !== undefined && (one.endedAt === null || one.endedAt > next.startedAt);
    });
    if (overlaps) faults.push(`${name} was held twice at once`);
  }
  return faults;
}

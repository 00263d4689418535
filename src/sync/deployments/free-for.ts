import type { Quota } from "../../queries/quotas.js";

/** What there is of one app, and what is kept of it. */
export interface AppStock {
  /** Licences that may be claimed now. */
  readonly free: number;
  /** The oldest first. */
  readonly quotas: readonly Pick<Quota, "collectionId" | "unfilled">[];
}

/**
 * How many licences deployments to a collection may claim: the free ones less what is kept for other collections and not
 * used yet. Where less is free than is kept in all (licences were refunded, or are out elsewhere), the oldest reservation
 * comes first, so that two of them never keep each other from what is there.
 * @param collectionId null: of any collection without a reservation
 */
export function freeFor({ free, quotas }: AppStock, collectionId: string | null): number {
  const own = quotas.findIndex((quota) => quota.collectionId === collectionId);
  const others = kept(quotas.filter((_, at) => at !== own));
  const older = kept(quotas.slice(0, Math.max(own, 0)));
  const covered = Math.min(quotas[own]?.unfilled ?? 0, free - older);
  return Math.max(free - others, covered, 0);
}

/** What there is after deployments to a collection have claimed one. */
export function afterClaim({ free, quotas }: AppStock, collectionId: string | null): AppStock {
  return {
    free: free - 1,
    quotas: quotas.map((quota) =>
      quota.collectionId === collectionId ? { ...quota, unfilled: Math.max(quota.unfilled - 1, 0) } : quota,
    ),
  };
}

function kept(quotas: AppStock["quotas"]): number {
  return quotas.reduce((sum, { unfilled }) => sum + unfilled, 0);
}

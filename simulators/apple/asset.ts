import type { Assignment } from "./assignments.js";
import type { CatalogItem } from "./catalog.js";
import { OrderedRows } from "./ordered-rows.js";

export type PricingParam = "STDQ" | "PLUS";

/** Apple's mark of an asset without a bound: the largest int32. */
export const UNLIMITED_COUNT = 2_147_483_647;

/** One product and quality owned by one location. */
export class Asset {
  readonly assignments = new OrderedRows<Assignment>();
  /** Licences kept by retired users, who cannot give irrevocable ones back. */
  retiredCount = 0;

  constructor(
    readonly sequence: number,
    readonly item: CatalogItem,
    readonly pricingParam: PricingParam,
    public totalCount: number,
  ) {}

  get unlimited(): boolean {
    return this.totalCount === UNLIMITED_COUNT;
  }

  get assignedCount(): number {
    return this.assignments.size - this.retiredCount;
  }

  /** Negative when more was refunded than was free. */
  get availableCount(): number {
    return this.totalCount - this.assignments.size;
  }
}

export function assetKey(adamId: string, pricingParam: string): string {
  return `${adamId}:${pricingParam}`;
}

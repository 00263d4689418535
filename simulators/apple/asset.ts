import type { Assignment } from "./assignments.js";
import type { CatalogItem } from "./catalog.js";
import { OrderedRows } from "./ordered-rows.js";

export type PricingParam = "STDQ" | "PLUS";

/** Apple's mark of an asset without a bound: the largest int32. */
export const UNLIMITED_COUNT = 2_147_483_647;

export interface Counts {
  readonly totalCount: number;
  readonly assignedCount: number;
  /** Negative when more was refunded than was free. */
  readonly availableCount: number;
  readonly retiredCount: number;
}

/** One product and quality owned by one location. */
export class Asset {
  /** Those that the lists show. */
  readonly assignments = new OrderedRows<Assignment>();
  /** Licences in use, also where the lists lag behind. */
  heldCount = 0;
  /** Its part of an assignment's JSON. */
  readonly jsonFields: string;
  /** As the list shows them: with a lag, later than they are so. */
  counted: Counts = { totalCount: 0, assignedCount: 0, availableCount: 0, retiredCount: 0 };
  /** Licences kept by retired users, who cannot give irrevocable ones back. */
  retiredCount = 0;

  constructor(
    readonly item: CatalogItem,
    readonly pricingParam: PricingParam,
    public totalCount: number,
  ) {
    this.count();
    this.jsonFields = `"adamId":"${item.adamId}","pricingParam":"${pricingParam}"`;
  }

  get key(): string {
    return assetKey(this.item.adamId, this.pricingParam);
  }

  get unlimited(): boolean {
    return this.totalCount === UNLIMITED_COUNT;
  }

  get assignedCount(): number {
    return this.assignments.size - this.retiredCount;
  }

  /** How Apple's requests and notifications name it. */
  get reference(): { adamId: string; pricingParam: PricingParam } {
    return { adamId: this.item.adamId, pricingParam: this.pricingParam };
  }

  /** Licences that can still be given out. */
  get room(): number {
    return Math.max(0, this.totalCount - this.heldCount);
  }

  /** Lets the list show the counts as they are now. */
  count(): void {
    const { totalCount, assignedCount, availableCount, retiredCount } = this;
    this.counted = { totalCount, assignedCount, availableCount, retiredCount };
  }

  /** What is left of it by what the lists show; negative when more was refunded than was free. */
  get availableCount(): number {
    return this.totalCount - this.assignments.size;
  }
}

export function assetKey(adamId: string, pricingParam: string): string {
  return `${adamId}:${pricingParam}`;
}

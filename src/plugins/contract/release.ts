import type { AppRef, Step } from "./steps.js";

/** What `apply` has set up at the product, and no Deployment wants any more. */
export interface Release {
  readonly app: AppRef;
  /** The product's own collection that was addressed as a whole; null: what was made to address devices alone. */
  readonly collection: Step["collection"];
  /**
   * The product's other collections that are addressed for the app still, until each is released itself. What one of them has in
   * common with `collection` stays.
   */
  readonly others: readonly NonNullable<Step["collection"]>[];
}

/** How patient the kit is, in milliseconds. */
export interface Limits {
  /** How long one call may take while all is well. */
  readonly callMs: number;
  /** When the signal of a call to a hanging product fires. */
  readonly hangMs: number;
  /** How soon a call has to end after its signal. */
  readonly graceMs: number;
  /** How long a slow product takes for each half of an answer. */
  readonly slowMs: number;
}

export const LIMITS: Limits = { callMs: 10_000, hangMs: 50, graceMs: 2_000, slowMs: 15 };

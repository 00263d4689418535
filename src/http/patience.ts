/** How long callers that take nothing are waited for, in milliseconds of real time. */
export interface Patience {
  /** Silence longer than this ends connections on some ways through the net. */
  readonly pingMs: number;
  /** A subscriber that has taken nothing within this is told so, and left. */
  readonly takenWithinMs: number;
  /** So long it may take to read that. */
  readonly farewellMs: number;
  /** An answer of which nothing more is taken for so long is cut off. */
  readonly answerMs: number;
}

export const PATIENCE: Patience = {
  pingMs: 12_000,
  takenWithinMs: 30_000,
  farewellMs: 30_000,
  answerMs: 120_000,
};

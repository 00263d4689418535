/** How a thing is. */
export type FindingState = "OK" | "WARNING" | "ERROR" | "SKIPPED";

/** What one look has shown. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  /** WARNING: it works, and will not for ever. SKIPPED: it could not be looked at, or there is nothing to look at. */
  readonly state: FindingState;
  /** What is so, in a sentence. */
  readonly found: string;
  /** What to do, in a sentence; null when nothing is to be done. */
  readonly remedy: string | null;
}

export const ok = (check: string, found: string): Finding => ({ check, state: "OK", found, remedy: null });

export const skipped = (check: string, found: string): Finding => ({ check, state: "SKIPPED", found, remedy: null });

export const warning = (check: string, found: string, remedy: string): Finding => ({
  check,
  state: "WARNING",
  found,
  remedy,
});

export const failure = (check: string, found: string, remedy: string): Finding => ({
  check,
  state: "ERROR",
  found,
  remedy,
});

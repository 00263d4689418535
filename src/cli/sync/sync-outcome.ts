import { EXIT, type ExitCode } from "../exit-codes.js";
import { plainText } from "../plain-text.js";

/** How one token's synchronisation went. */
export interface SyncOutcome {
  readonly token: string;
  /** A SyncRunState that is an end; REFUSED if the service did not begin one. */
  readonly state: "SUCCEEDED" | "HELD_BACK" | "FAILED" | "CANCELLED" | "REFUSED";
  readonly pagesRead: number;
  readonly rowsAdded: number;
  readonly rowsChanged: number;
  readonly rowsEnded: number;
  readonly warnings: readonly string[];
  readonly error: string | null;
}

/** Lines for a person. */
export function describeOutcome(outcome: SyncOutcome): string {
  const { token, state, pagesRead, rowsAdded, rowsChanged, rowsEnded, warnings, error } = outcome;
  const rows = `${pagesRead} pages read, ${rowsAdded} rows added, ${rowsChanged} changed, ${rowsEnded} ended`;
  const head = `${token}: ${state}${state === "REFUSED" ? "" : `, ${rows}`}`;
  const said = [...(error === null ? [] : [error]), ...warnings].map((words) => `  ${plainText(words)}`);
  return [plainText(head), ...said].join("\n");
}

/** The worst of them. */
export function exitCodeOf(outcomes: readonly SyncOutcome[]): ExitCode {
  if (outcomes.every(({ state }) => state === "SUCCEEDED")) return EXIT.DONE;
  const heldBack = outcomes.every(({ state }) => state === "SUCCEEDED" || state === "HELD_BACK");
  return heldBack ? EXIT.HELD_BACK : EXIT.FAILED;
}

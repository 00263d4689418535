import { say } from "../support/say.js";
import type { OperationFigures } from "./result.js";

/** The limits. */
const TIMES_POSTGRAPHILE = 1.25;
const LARGE_BYTES = 5000;
const TIMES_BARE = { large: 0.5, small: 0.25 };
const P99_TIMES_P50 = 4;

/** A figure beside its limit. */
export interface Judged {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly must: "at least" | "at most" | "below";
}

export function judge(name: string, figures: OperationFigures): Judged[] {
  const { bytes, vsPostgraphile, vsBare, p50Ms, p99Ms } = figures;
  const judged: Judged[] = [];
  if (vsPostgraphile !== null)
    judged.push({ what: `${name} vsPostgraphile`, value: vsPostgraphile, limit: TIMES_POSTGRAPHILE, must: "at least" });
  if (vsBare !== null && bytes !== null) {
    const limit = bytes > LARGE_BYTES ? TIMES_BARE.large : TIMES_BARE.small;
    judged.push({ what: `${name} vsBare (${bytes} bytes)`, value: vsBare, limit, must: "at least" });
  }
  if (p50Ms !== null && p99Ms !== null)
    judged.push({ what: `${name} p99 / p50`, value: p99Ms / p50Ms, limit: P99_TIMES_P50, must: "at most" });
  return judged;
}

/** Tells of each figure whether it is within its limit. */
export function sayVerdict(judged: readonly Judged[]): void {
  say("");
  for (const { what, value, limit, must } of judged) {
    const kept = must === "at least" ? value >= limit : must === "at most" ? value <= limit : value < limit;
    say(`  ${kept ? "pass" : "FAIL"}  ${what.padEnd(44)} ${value.toFixed(2).padStart(7)}   ${must} ${limit}`);
  }
}

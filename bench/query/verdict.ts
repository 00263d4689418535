import { say } from "../support/say.js";
import type { OperationFigures, Result } from "./result.js";

/** The limits. */
const TIMES_POSTGRAPHILE = 1.25;
const LARGE_BYTES = 5000;
const TIMES_BARE = { large: 0.5, small: 0.25 };
const P99_TIMES_P50 = 4;

/** A deep page costs what the first one costs, and its cursor is read, which the first one has none of. */
const DEEP_PAGE = 1.25;
const DURING_SYNC = 3;

/** A figure beside its limit. */
interface Judged {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly must: "at least" | "at most" | "below";
}

/** Tells of each figure whether it is within its limit. */
export function sayVerdict({ operations, deepPages, duringSync }: Result): void {
  const judged = [
    ...Object.entries(operations).flatMap(([name, figures]) => judgeOperation(name, figures)),
    ...Object.entries(deepPages ?? {}).flatMap(([name, { cpu, p50 }]): Judged[] => [
      { what: `deep page ${name}, CPU`, value: cpu, limit: DEEP_PAGE, must: "at most" },
      { what: `deep page ${name}, p50`, value: p50, limit: DEEP_PAGE, must: "at most" },
    ]),
    ...Object.entries(duringSync ?? {}).map(
      ([name, value]): Judged => ({ what: `${name} during a sync, p99`, value, limit: DURING_SYNC, must: "below" }),
    ),
  ];
  say("");
  for (const one of judged) {
    const { what, value, limit, must } = one;
    say(`  ${isKept(one) ? "pass" : "FAIL"}  ${what.padEnd(44)} ${value.toFixed(2).padStart(7)}   ${must} ${limit}`);
  }
}

function judgeOperation(name: string, { bytes, vsPostgraphile, vsBare, p50Ms, p99Ms }: OperationFigures): Judged[] {
  const judged: Judged[] = [];
  if (vsPostgraphile !== null) {
    judged.push({ what: `${name} vsPostgraphile`, value: vsPostgraphile, limit: TIMES_POSTGRAPHILE, must: "at least" });
  }
  if (vsBare !== null) {
    const limit = bytes > LARGE_BYTES ? TIMES_BARE.large : TIMES_BARE.small;
    judged.push({ what: `${name} vsBare (${bytes} bytes)`, value: vsBare, limit, must: "at least" });
  }
  if (p50Ms !== null && p99Ms !== null) {
    judged.push({ what: `${name} p99 / p50`, value: p99Ms / p50Ms, limit: P99_TIMES_P50, must: "at most" });
  }
  return judged;
}

function isKept({ value, limit, must }: Judged): boolean {
  if (must === "at least") return value >= limit;
  return must === "at most" ? value <= limit : value < limit;
}

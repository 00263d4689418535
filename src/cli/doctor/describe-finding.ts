import { plainText } from "../plain-text.js";
import type { Finding, FindingState } from "./finding.js";

const SIGNS: Readonly<Record<FindingState, string>> = { OK: "✔", WARNING: "!", ERROR: "✖", SKIPPED: "–" };
const WIDTH = "encryption key".length;

/** A line for a person, and a second one if there is something to do. */
export function describeFinding({ check, state, found, remedy }: Finding): string {
  const line = `${SIGNS[state]} ${check.padEnd(WIDTH)}  ${plainText(found)}`;
  return remedy === null ? line : `${line}\n${" ".repeat(WIDTH + 4)}→ ${plainText(remedy)}`;
}

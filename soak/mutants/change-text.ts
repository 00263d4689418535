import type { Change } from "./mutants.js";

/** @throws Error when the text is not there exactly once: the code has moved on, and the mutant has to follow. */
export function changeText(before: string, { file, text, becomes }: Change): string {
  const parts = before.split(text);
  if (parts.length !== 2) {
    throw new Error(`The change does not fit ${file} any more: ${text} is there ${parts.length - 1} times`);
  }
  return parts.join(becomes);
}

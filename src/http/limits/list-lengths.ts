import { AppError } from "../../errors.js";
import { overLimit } from "./over-limit.js";

/** Deeper than any input, and far from where JavaScript gives up. */
const DEEPEST = 100;

/**
 * Refuses a list that is too long, wherever it stands among an operation's variables, and variables that nest without end.
 * @throws AppError LIMIT_EXCEEDED; INVALID_INPUT for what nests too deeply.
 */
export function refuseLongLists(variables: unknown, limit: number): void {
  // No recursion: what is sent may nest as deeply as it likes.
  let layer: object[] = isNesting(variables) ? [variables] : [];
  for (let depth = 0; layer.length > 0; depth += 1) {
    if (depth > DEEPEST) {
      throw new AppError("INVALID_INPUT", `Variables nest at most ${DEEPEST} deep.`, { limit: DEEPEST });
    }
    layer = layer.flatMap((value) => itemsOf(value, limit));
  }
}

function isNesting(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function itemsOf(value: object, limit: number): object[] {
  if (Array.isArray(value) && value.length > limit) {
    throw overLimit("listLength", limit, value.length, `Send lists of at most ${limit} items.`);
  }
  return Object.values(value).filter(isNesting);
}

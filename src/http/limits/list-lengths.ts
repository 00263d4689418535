import { overLimit } from "./over-limit.js";

/**
 * Refuses a list that is too long, wherever it stands among an operation's variables.
 * @throws AppError LIMIT_EXCEEDED.
 */
export function refuseLongLists(variables: unknown, limit: number): void {
  // No recursion: what is sent may nest as deeply as it likes.
  const rest = [variables];
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value) && value.length > limit) {
      throw overLimit("listLength", limit, value.length, `Send lists of at most ${limit} items.`);
    }
    for (const item of Object.values(value)) if (typeof item === "object" && item !== null) rest.push(item);
  }
}

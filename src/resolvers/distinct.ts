import { AppError } from "../errors.js";

/** So many objects one mutation names at most. */
const MOST = 1_000;

/** @throws AppError INVALID_INPUT for none, or one named twice; LIMIT_EXCEEDED for more than 1,000. */
export function distinct(ids: readonly string[]): readonly string[] {
  if (ids.length > MOST) {
    throw new AppError("LIMIT_EXCEEDED", `Name at most ${MOST} at a time.`, {
      kind: "ids",
      limit: MOST,
      asked: ids.length,
    });
  }
  if (ids.length === 0) throw new AppError("INVALID_INPUT", "Name at least one.");
  const seen = new Set(ids);
  if (seen.size < ids.length) throw new AppError("INVALID_INPUT", "One of these ids is named twice. Name each once.");
  return ids;
}

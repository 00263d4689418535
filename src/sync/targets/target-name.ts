import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";

const MAX_LENGTH = 200;

/**
 * An admin's name for a target, trimmed.
 * @param targetId the target that is renamed; null for a new one.
 * @throws AppError INVALID_INPUT, CONFLICT when another target has it.
 */
export async function requireTargetName(db: Reader, name: string, targetId: string | null): Promise<string> {
  const trimmed = name.trim();
  if (trimmed === "" || trimmed.length > MAX_LENGTH) {
    throw new AppError("INVALID_INPUT", `A target's name has 1 to ${MAX_LENGTH} characters.`, { field: "name" });
  }
  const other = await row(db, "SELECT id FROM target WHERE name = $1 AND id IS DISTINCT FROM $2::uuid", [
    trimmed,
    targetId,
  ]);
  if (other) throw nameTaken(trimmed);
  return trimmed;
}

export function nameTaken(name: string): AppError {
  return new AppError("CONFLICT", `Another target is named "${name}": choose another name.`, { field: "name", name });
}

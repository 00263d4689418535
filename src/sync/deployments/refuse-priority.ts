import { PRIORITY } from "../../entities/deployment.js";
import { AppError } from "../../errors.js";

/** @throws AppError INVALID_INPUT for a priority out of bounds. */
export function refusePriority(priority: number): void {
  if (priority >= PRIORITY.lowest && priority <= PRIORITY.highest) return;
  throw new AppError("INVALID_INPUT", `A priority is from ${PRIORITY.lowest} to ${PRIORITY.highest}.`, { priority });
}

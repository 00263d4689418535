import type { PlannedFailure } from "../disturbances.js";
import type { World } from "../world.js";
import type { Answer } from "./answer.js";
import { answerError } from "./answer-error.js";
import { GraphError } from "./graph-error.js";

/** The answer of a planned failure. @param path below the version. */
export function plannedAnswer({ random, switches }: World, failure: PlannedFailure, path: string): Answer {
  const { status, code, message, retryAfterSeconds } = failure;
  return answerError(new GraphError(status, code, message, retryAfterSeconds), path, random.uuid(), switches);
}

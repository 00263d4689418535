import { type Answer, jsonAnswer, refusedAnswer } from "./answer.js";
import type { PlannedFailure, Unavailability } from "./disturbances.js";
import { ServiceError } from "./errors.js";
import { retryAfterHeaders } from "./retry-after.js";
import type { Switches } from "./switches.js";

const HTML_PAGE = "<!doctype html><html><body><h1>503 Service Unavailable</h1></body></html>";

/** The answer of a planned failure: an error number alone travels as the switch says; a status that was named wins. */
export function plannedAnswer(failure: PlannedFailure, switches: Switches): Answer {
  const { errorNumber, status, retryAfterSeconds } = failure;
  const answer: Answer =
    errorNumber === undefined ? jsonAnswer(status ?? 500, {}) : refusedAnswer(new ServiceError(errorNumber), switches);
  const headers = retryAfterHeaders(retryAfterSeconds, switches.retryAfter);
  return { ...answer, status: status ?? answer.status, headers };
}

/** The answer to every request while the service is unavailable. */
export function unavailableAnswer({ until, answer, retryAfter }: Unavailability, switches: Switches): Answer {
  const headers = retryAfterHeaders((until - Date.now()) / 1000, retryAfter);
  if (answer === "html") {
    return { status: 503, text: HTML_PAGE, headers: { ...headers, "content-type": "text/html" } };
  }
  return { ...refusedAnswer(new ServiceError(answer), switches), headers };
}

import type { Switches } from "../switches.js";
import type { Answer } from "./answer.js";
import type { GraphError } from "./graph-error.js";

/** Intune's own services put their text into JSON inside the message; the directory does not. */
const INTUNE = /^\/(deviceManagement|deviceAppManagement)\b/;

/** @param path below the version, e.g. `/deviceAppManagement/mobileApps`. */
export function answerError(error: GraphError, path: string, requestId: string, switches: Switches): Answer {
  const { status, code, message, retryAfterSeconds } = error;
  const isDouble = INTUNE.test(path) && switches.intuneErrors === "doubleEncoded";
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    "request-id": requestId,
    "client-request-id": requestId,
  };
  const text =
    isDouble || (retryAfterSeconds !== undefined && switches.retryAfter === "inMessage")
      ? doubleEncoded(message, requestId, retryAfterSeconds, switches)
      : message;
  return {
    status,
    headers: { "content-type": "application/json", ...retryAfterHeader(retryAfterSeconds, switches) },
    body: { error: { code, message: text, innerError } },
  };
}

function doubleEncoded(message: string, requestId: string, seconds: number | undefined, switches: Switches): string {
  return JSON.stringify({
    _version: 3,
    Message: `${message} - Operation ID (for customer support): ${requestId} - Activity ID: ${requestId}`,
    CustomApiErrorPhrase: "",
    RetryAfter: switches.retryAfter === "inMessage" ? (seconds ?? null) : null,
    ErrorSourceService: "",
    HttpHeaders: "{}",
  });
}

function retryAfterHeader(seconds: number | undefined, { retryAfter }: Switches): Record<string, string> {
  if (seconds === undefined) return {};
  if (retryAfter === "seconds") return { "retry-after": String(seconds) };
  if (retryAfter === "date") return { "retry-after": new Date(Date.now() + seconds * 1000).toUTCString() };
  return {};
}

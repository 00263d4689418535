import { AppleError } from "./apple-error.js";

/** Faults that happen before anything is sent: the request surely had no effect. */
const NOTHING_SENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_PRX_TLS",
  // The server's certificate was refused. Source: Node.js, "X509 certificate error codes".
  "CERT_CHAIN_TOO_LONG",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const GIVEN_UP = "Apple did not answer in the time there was.";

/** The caller's signal ended a wait in which nothing was sent. */
export function givenUp(): AppleError {
  return new AppleError(GIVEN_UP, { kind: "retryable" });
}

/**
 * What a failed exchange means. Only the fault's code is told: an error of the HTTP client may hold the request with its
 * token, or the proxy with its password.
 */
export function transportError(error: unknown, method: string, signal: AbortSignal | undefined): AppleError {
  const code = faultCode(error);
  const maybeDone = method === "POST" && !NOTHING_SENT.has(code);
  if (signal?.aborted) return new AppleError(GIVEN_UP, { kind: "retryable", maybeDone });
  return new AppleError(`Apple could not be reached, or its answer was lost (${code}).`, {
    kind: "retryable",
    maybeDone,
  });
}

function faultCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown fault";
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? code : error.name;
}

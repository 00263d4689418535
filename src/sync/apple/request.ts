import { Agent, request as send } from "undici";
import { AppleError } from "./apple-error.js";

/** Milliseconds of real time: a network does not get faster with TIME_SCALE. */
export interface Timeouts {
  readonly connect: number;
  /** From the request to the answer's head, and between two parts of its body. */
  readonly answer: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { connect: 10_000, answer: 30_000 };

/** Apple's pages are a few hundred kB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const CONNECTIONS_PER_ORIGIN = 16;
const KEEP_ALIVE_MS = 30_000;

/** Faults that happen before anything is sent: the request surely had no effect. */
const NOTHING_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** The header as sent. */
  readonly retryAfter: string | null;
  readonly text: string;
}

/** One HTTP exchange at a time over a pool of kept connections. */
export interface Transport {
  /** Follows no redirect. @throws AppleError `retryable` when there is no complete answer. */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function createTransport(timeouts: Timeouts): Transport {
  const agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.answer,
    bodyTimeout: timeouts.answer,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  return {
    async exchange({ method, url, headers, body, signal }) {
      if (signal?.aborted) throw new AppleError(GIVEN_UP, { kind: "retryable" });
      try {
        const answer = await send(url, {
          method,
          headers,
          dispatcher: agent,
          ...(body === undefined ? {} : { body }),
          ...(signal ? { signal } : {}),
        });
        const retryAfter = answer.headers["retry-after"];
        return {
          status: answer.statusCode,
          retryAfter: typeof retryAfter === "string" ? retryAfter : null,
          text: await answer.body.text(),
        };
      } catch (error) {
        throw transportError(error, method, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

const GIVEN_UP = "Apple did not answer in the time there was.";

/** Only the fault's code is told: an error of the HTTP client may hold the request with its token. */
function transportError(error: unknown, method: string, signal: AbortSignal | undefined): AppleError {
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

import { type Dispatcher, request as send } from "undici";
import { ACCEPTED_ENCODING, decodeBody } from "./decode-body.js";
import { createDispatcher, type ProxySettings, type Timeouts } from "./dispatcher.js";
import { givenUp, transportError } from "./transport-error.js";

/** A body that trickles in may take as many time-outs as this in all. */
const BODY_TIMEOUTS = 4;

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

/** HTTP exchanges over a pool of kept connections. */
export interface Transport {
  /** Follows no redirect. @throws AppleError `retryable` when there is no complete answer. */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function createTransport(timeouts: Timeouts, proxy: ProxySettings | null): Transport {
  const dispatcher = createDispatcher(timeouts, proxy);
  return {
    async exchange({ method, url, headers, body, signal }) {
      if (signal?.aborted) throw givenUp();
      try {
        const answer = await send(url, {
          method,
          headers: { "accept-encoding": ACCEPTED_ENCODING, ...headers },
          dispatcher,
          headersTimeout: timeouts.headers,
          bodyTimeout: timeouts.body,
          ...(body === undefined ? {} : { body }),
          ...(signal ? { signal } : {}),
        });
        return {
          status: answer.statusCode,
          retryAfter: one(answer.headers["retry-after"]),
          text: await textOf(answer, timeouts.body * BODY_TIMEOUTS),
        };
      } catch (error) {
        throw transportError(error, method, signal);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** @throws SlowBodyError when the body as a whole takes longer. */
async function textOf({ body, headers }: Dispatcher.ResponseData, withinMs: number): Promise<string> {
  const timer = setTimeout(() => body.destroy(new SlowBodyError()), withinMs);
  try {
    const encoding = one(headers["content-encoding"]);
    return encoding ? await decodeBody(await body.arrayBuffer(), encoding) : await body.text();
  } finally {
    clearTimeout(timer);
  }
}

class SlowBodyError extends Error {
  override readonly name = "SlowBodyError";
}

/** A header that came twice says what its first one says. */
function one(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

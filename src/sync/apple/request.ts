import { request as send } from "undici";
import { ACCEPTED_ENCODING, decodeBody } from "./decode-body.js";
import { createDispatcher, type ProxySettings, type Timeouts } from "./dispatcher.js";
import { givenUp, transportError } from "./transport-error.js";

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
        const encoding = one(answer.headers["content-encoding"]);
        return {
          status: answer.statusCode,
          retryAfter: one(answer.headers["retry-after"]),
          text: encoding ? await decodeBody(await answer.body.arrayBuffer(), encoding) : await answer.body.text(),
        };
      } catch (error) {
        throw transportError(error, method, signal);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** A header that came twice says what its first one says. */
function one(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

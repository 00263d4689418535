import type { LookupFunction } from "node:net";
import { type Dispatcher, fetch as undiciFetch } from "undici";
import { type PinnedCertificate, PluginError } from "../../plugins/contract.js";
import { requireAllowedHost } from "./allowed-hosts.js";
import { createGuardedAgent } from "./guarded-agent.js";

/** Requests that are under way or wait for a socket: they take memory. */
const MOST_REQUESTS = 1_000;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What Node and OpenSSL call a certificate that does not hold. */
const UNTRUSTED =
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH/;
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

export interface GuardedFetchOptions {
  /** The hosts that may be reached, as `requireAllowedHost` takes them. */
  readonly allowedHosts: readonly string[] | null;
  /** The longest response body, after decompression, in bytes; null where no body is read, however long it is. */
  readonly maxResponseBytes: number | null;
  /** The longest time for a request and its whole response. */
  readonly timeoutMs: number;
  /** The server's own; left out, the authorities that Node trusts decide. */
  readonly certificate?: PinnedCertificate | undefined;
  /** How names are looked up; left out, as the system does. */
  readonly lookup?: LookupFunction | undefined;
}

/** The only way out for plugins, and for webhooks. */
export interface GuardedFetch {
  /**
   * Like the standard `fetch`, but: only http and https, only to allowed hosts, never to those of this link, of clouds' metadata or of many machines, no redirect
   * is followed, and size and time are bounded. The body has been read when it resolves, or is dropped.
   * @throws PluginError: `config` for a host, scheme or redirect that is not allowed and for a certificate that is not
   * trusted, `rejected` for a response that is too long, `transient` when the product cannot be reached or does not answer in
   * time, `internal` for one request too many at once.
   */
  readonly fetch: typeof globalThis.fetch;
  /** Closes its sockets, those in use too: what they carry fails as `transient`. */
  close(): Promise<void>;
  /** Refuses an address that `fetch` would refuse for its scheme or host. @throws PluginError `config`. */
  require(url: URL): void;
}

/** @param sockets closed with the rest. */
export function createGuardedFetch(
  options: GuardedFetchOptions,
  sockets: Dispatcher = createGuardedAgent(options),
): GuardedFetch {
  let underWay = 0;
  return {
    fetch: async (input, init) => {
      const request = readRequest(input, init);
      const url = new URL(request.url);
      requireAllowedHost(url, options.allowedHosts);
      if (underWay >= MOST_REQUESTS) {
        throw new PluginError("internal", `More than ${MOST_REQUESTS} requests were made at once: one was refused.`);
      }
      underWay += 1;
      return send(request, url, sockets, options).finally(() => {
        underWay -= 1;
      });
    },
    close: () => sockets.destroy(),
    require: (url) => requireAllowedHost(url, options.allowedHosts),
  };
}

function readRequest(...args: Parameters<typeof globalThis.fetch>): Request {
  try {
    return new Request(...args);
  } catch (cause) {
    throw new PluginError(
      "config",
      "The product cannot be asked with this address or headers: correct the address or the credentials in the settings.",
      {
        cause,
      },
    );
  }
}

async function send(request: Request, url: URL, sockets: Dispatcher, options: GuardedFetchOptions): Promise<Response> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  try {
    const answer = await undiciFetch(url, {
      method: request.method,
      headers: [...request.headers],
      body: request.body === null ? null : new Uint8Array(await request.arrayBuffer()),
      redirect: "manual",
      signal: AbortSignal.any([request.signal, deadline]),
      dispatcher: sockets,
    });
    if (REDIRECTS.has(answer.status)) throw redirected(url, answer.headers.get("location"));
    if (options.maxResponseBytes !== null) {
      return toResponse(answer, await readBody(answer.body, url, options.maxResponseBytes));
    }
    await answer.body?.cancel();
    return toResponse(answer, null);
  } catch (error) {
    if (error instanceof PluginError) throw error;
    if (error instanceof Error && error.cause instanceof PluginError) throw error.cause;
    if (deadline.aborted || request.signal.aborted) {
      throw new PluginError("transient", `${url.host} did not answer in time.`, { cause: error });
    }
    const reason = reasonOf(error);
    if (UNTRUSTED.test(reason)) throw untrusted(url, reason);
    throw new PluginError("transient", `${url.host} cannot be reached (${reason}).`, { cause: error });
  }
}

function untrusted(url: URL, reason: string): PluginError {
  return new PluginError(
    "config",
    `The certificate of ${url.host} is not trusted (${reason}): correct the address, renew the certificate, or trust its authority.`,
  );
}

function redirected(url: URL, location: string | null): PluginError {
  const place = location !== null && URL.canParse(location, url) ? new URL(location, url).origin : "another address";
  return new PluginError(
    "config",
    `${url.host} redirects to ${place}, and redirects are not followed: put the final address in the settings.`,
  );
}

async function readBody(
  stream: AsyncIterable<Uint8Array> | null,
  url: URL,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      throw new PluginError("rejected", `${url.host} sent more than ${maxBytes} bytes in one answer.`);
    }
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

/** The body is decoded by now, so the headers that describe its transfer no longer hold. */
function toResponse(answer: Awaited<ReturnType<typeof undiciFetch>>, body: Uint8Array<ArrayBuffer> | null): Response {
  const headers = new Headers([...answer.headers]);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
  return new Response(WITHOUT_BODY.has(answer.status) ? null : body, {
    status: answer.status,
    statusText: answer.statusText,
    headers,
  });
}

/** The system's code, such as ECONNREFUSED: undici puts it in the cause of a bare "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (typeof cause !== "object" || cause === null) return "unknown reason";
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  return "connection failed";
}

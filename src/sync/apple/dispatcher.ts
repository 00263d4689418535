import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** Milliseconds of real time: a network does not get faster with TIME_SCALE. */
export interface Timeouts {
  /** To a connection that can be used: through the proxy where there is one, TLS included. */
  readonly connect: number;
  /** From the request to the answer's head. */
  readonly headers: number;
  /** Between two parts of the answer's body, which as a whole may take four times as long. */
  readonly body: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { connect: 10_000, headers: 30_000, body: 30_000 };

/** The values of the usual environment variables; null where one is not set. Addresses may hold an account: secrets. */
export interface ProxySettings {
  readonly http: string | null;
  /** Where it is null, `http` serves https, too. */
  readonly https: string | null;
  /** Hosts, their subdomains included, with or without a port, separated by commas or blanks; `*` for all. */
  readonly noProxy: string | null;
}

/** Apple's pages are a few hundred kB. Bytes, before and after decompression. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

const CONNECTIONS_PER_ORIGIN = 16;
const KEEP_ALIVE_MS = 30_000;
/** What runs on this machine is not the proxy's business. */
const THIS_MACHINE = "localhost,127.0.0.1,[::1]";

/** A pool of kept connections, straight to a server or through a proxy; certificates are verified in both cases. */
export function createDispatcher(timeouts: Timeouts, proxy: ProxySettings | null): Dispatcher {
  const connect = { timeout: timeouts.connect };
  const pool = {
    connections: CONNECTIONS_PER_ORIGIN,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  };
  if (!proxy?.http && !proxy?.https) return new Agent({ ...pool, connect });
  return new EnvHttpProxyAgent({
    ...pool,
    connect,
    // An empty text keeps undici from reading the environment by itself.
    httpProxy: proxy.http ?? "",
    httpsProxy: proxy.https ?? "",
    noProxy: proxy.noProxy === "*" ? "*" : `${THIS_MACHINE},${proxy.noProxy ?? ""}`,
    proxyTunnel: false,
    proxyTls: connect,
    requestTls: connect,
    factory: (origin, options) => new Pool(origin, { ...pool, ...options }),
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeouts.connect }),
  });
}

import { PluginError, type PluginTools } from "../contract.js";

export interface ServerRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Below the server's address, with its query. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
}

export interface ServerAnswer {
  readonly status: number;
  /** The JSON that came; undefined where none did. */
  readonly json: unknown;
}

/** Calls the server; what it refuses as a whole is thrown, all else is the caller's to read. */
export type CallServer = (request: ServerRequest, signal: AbortSignal) => Promise<ServerAnswer>;

export interface ServerAddress {
  /** In messages. */
  readonly product: "NanoMDM" | "MicroMDM";
  readonly url: string;
  readonly user: string;
  readonly apiKey: string;
}

/** Overloaded, or something in front of the server cannot reach it. */
const BUSY: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * HTTP with Basic authentication.
 * The calls throw PluginError: `config` for a wrong key or address, `transient` when the server cannot be reached or is busy,
 * `rejected` for any other refusal, `internal` for an answer that is not JSON.
 */
export function createCaller(address: ServerAddress, { fetch, now }: Pick<PluginTools, "fetch" | "now">): CallServer {
  const { product, url, user, apiKey } = address;
  const base = url.replace(/\/+$/, "");
  const authorization = `Basic ${Buffer.from(`${user}:${apiKey}`).toString("base64")}`;
  return async ({ method, path, contentType, body }, signal) => {
    const { status, headers, text } = await reach(product, async () => {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { authorization, ...(contentType === undefined ? {} : { "content-type": contentType }) },
        signal,
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    });
    const vendorCode = String(status);
    if (status === 401 || status === 403) {
      throw new PluginError("config", `${product} refuses the API key: correct it in the settings.`, { vendorCode });
    }
    if (status === 404 || status === 405) {
      throw new PluginError(
        "config",
        `${product} has no such call at this address: check the address, and that its API is on.`,
        { vendorCode },
      );
    }
    if (BUSY.has(status)) throw busy(`${product} answered ${status}.`, headers.get("retry-after"), now());
    const json = readJson(text);
    if (json === undefined && status >= 500)
      throw new PluginError("transient", `${product} answered ${status}.`, { vendorCode });
    if (status >= 400 && status < 500)
      throw new PluginError("rejected", `${product} answered ${status}.`, { vendorCode });
    return { status, json };
  };
}

async function reach<Answer>(product: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof PluginError) throw cause;
    throw new PluginError("transient", `${product} cannot be reached, or did not answer in time.`, { cause });
  }
}

/** `Retry-After` is a number of seconds or a date. */
function busy(message: string, retryAfter: string | null, now: Date): PluginError {
  if (retryAfter === null) return new PluginError("transient", message);
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now.getTime()) / 1000;
  if (!(seconds >= 0)) return new PluginError("transient", message);
  return new PluginError("transient", message, { retryAfterMs: Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

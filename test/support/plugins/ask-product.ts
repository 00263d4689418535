import { PluginError } from "../../../src/plugins/contract.js";

/** The product's answer, or an error that says what its status means. */
export async function askProduct(
  fetch: typeof globalThis.fetch,
  address: string,
  apiKey: string,
  { signal, method = "GET", body }: { signal: AbortSignal; method?: string; body?: unknown },
): Promise<Response> {
  const response = await fetch(address, {
    method,
    headers: { authorization: `Bearer ${apiKey}` },
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status } = response;
  if (status === 401 || status === 403) {
    throw new PluginError("config", "The product refuses the API key: correct it in the settings.");
  }
  if (status === 429 || status >= 500) {
    throw new PluginError("transient", `The product answered ${status}.`, pauseOf(response));
  }
  return response;
}

/** What a JSON answer holds. */
export async function readAnswer<T>(response: Response, path: string): Promise<T> {
  if (!response.ok) throw new PluginError("rejected", `The product answered ${response.status} to ${path}.`);
  try {
    return (await response.json()) as T;
  } catch {
    throw new PluginError("internal", `The product's answer to ${path} is not JSON.`);
  }
}

/** `Retry-After` is a number of seconds or a date. */
function pauseOf(response: Response): { retryAfterMs?: number } {
  const told = response.headers.get("retry-after");
  if (told === null) return {};
  const retryAfterMs = /^\d+$/.test(told) ? Number(told) * 1000 : Date.parse(told) - Date.now();
  return Number.isFinite(retryAfterMs) ? { retryAfterMs: Math.max(retryAfterMs, 0) } : {};
}

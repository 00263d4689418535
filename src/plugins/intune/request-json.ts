import { PluginError, type PluginTools } from "../contract.js";

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined for an empty body, and for one of an error that is no JSON. */
  readonly json: unknown;
}

/**
 * One request whose answer is JSON, whatever its content type says.
 * @param who answers, for the error.
 * @throws PluginError `transient` when there is no answer, or a successful one that cannot be read.
 */
export async function requestJson(
  { fetch }: Pick<PluginTools, "fetch">,
  who: string,
  url: string,
  init: RequestInit,
): Promise<JsonAnswer> {
  const { response, text } = await requestText(fetch, who, url, init);
  const { status, headers } = response;
  if (text.trim() === "") return { status, headers, json: undefined };
  try {
    return { status, headers, json: JSON.parse(text) };
  } catch {
    if (!response.ok) return { status, headers, json: undefined };
    throw new PluginError("transient", `${who} gave an answer that cannot be read, as if it were cut off.`);
  }
}

async function requestText(fetch: PluginTools["fetch"], who: string, url: string, init: RequestInit) {
  try {
    const response = await fetch(url, init);
    return { response, text: await response.text() };
  } catch (error) {
    throw unreachable(who, init.signal, error);
  }
}

/** What `fetch` threw, without anything of the request in it. */
export function unreachable(who: string, signal: AbortSignal | null | undefined, error: unknown): PluginError {
  if (error instanceof PluginError) return error;
  return new PluginError("transient", `${who} ${signal?.aborted ? "did not answer in time" : "cannot be reached"}.`);
}

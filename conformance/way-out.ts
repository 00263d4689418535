import { type Dispatcher, fetch as undiciFetch } from "undici";
import { PluginError } from "../src/plugins/contract.js";
import { MARK } from "./relay.js";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304]);
const MAX_BYTES = 32 * 1024 * 1024;

/** A fetch with the promises of `PluginTools.fetch`: one origin, no redirect, the body read, and PluginErrors. */
export function createWayOut(origin: string | null, dispatcher: Dispatcher): typeof globalThis.fetch {
  return async (input, init) => {
    const request = readRequest(input, init);
    const url = new URL(request.url);
    if (url.origin !== origin) {
      throw new PluginError("config", `The host ${url.host} may not be reached: the settings lead to ${origin}.`);
    }
    try {
      const answer = await undiciFetch(url, {
        method: request.method,
        headers: [...request.headers, [MARK, "1"]],
        body: request.body === null ? null : new Uint8Array(await request.arrayBuffer()),
        redirect: "manual",
        signal: request.signal,
        dispatcher,
      });
      const body = await answer.arrayBuffer();
      if (REDIRECTS.has(answer.status))
        throw new PluginError("config", `${url.host} redirects, which is not followed.`);
      if (body.byteLength > MAX_BYTES) throw new PluginError("rejected", `${url.host} sent too much.`);
      const headers = new Headers([...answer.headers]);
      for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
      const { status, statusText } = answer;
      return new Response(WITHOUT_BODY.has(status) ? null : body, { status, statusText, headers });
    } catch (error) {
      if (error instanceof PluginError) throw error;
      if (error instanceof Error && error.cause instanceof PluginError) throw error.cause;
      const reason = request.signal.aborted ? "did not answer in time" : "cannot be reached";
      throw new PluginError("transient", `${url.host} ${reason}.`, { cause: error });
    }
  };
}

function readRequest(...args: Parameters<typeof globalThis.fetch>): Request {
  try {
    return new Request(...args);
  } catch (cause) {
    throw new PluginError("config", "The product cannot be asked with this address or headers.", { cause });
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { InputError } from "../input-error.js";
import type { ControlCall } from "./control-call.js";
import { readBody } from "./read-body.js";
import { sendJson } from "./send-json.js";

/** The side that steers a simulator: JSON over HTTP, `GET /` lists the calls, bad input is a 400 with a sentence. */
export function serveControlCalls<World>(world: World, calls: readonly ControlCall<World>[]): Server {
  return createServer((request, response) => {
    answer(world, calls, request, response).catch((error: unknown) => {
      const known = error instanceof InputError;
      if (!known) console.error("The control plane failed:", error);
      sendJson(response, known ? 400 : 500, { error: known ? error.message : "The simulator failed; see its output." });
    });
  });
}

async function answer<World>(
  world: World,
  calls: readonly ControlCall<World>[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://control");
  const bodyText = await readBody(request);
  if (url.pathname === "/" && request.method === "GET") {
    const list = calls.map(({ method, path, about, input }) => ({ method, path, about, input }));
    return sendJson(response, 200, { calls: list });
  }
  const call = calls.find(({ method, path }) => method === request.method && path === url.pathname);
  if (call === undefined) {
    return sendJson(response, 404, { error: `There is no ${request.method} ${url.pathname}; GET / lists the calls.` });
  }
  const input = call.method === "GET" ? Object.fromEntries(url.searchParams) : parseJson(bodyText);
  sendJson(response, 200, await call.run(world, input));
}

function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError("The body is not JSON.");
  }
}

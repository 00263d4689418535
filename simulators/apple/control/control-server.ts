import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readBody } from "../../http/read-body.js";
import { sendJson } from "../../http/send-json.js";
import { InputError } from "../../input-error.js";
import type { World } from "../world.js";
import { assetCalls } from "./asset-calls.js";
import { assignmentCalls } from "./assignment-calls.js";
import type { ControlCall } from "./control-call.js";
import { disturbanceCalls } from "./disturbance-calls.js";
import { eventCalls } from "./event-calls.js";
import { locationCall } from "./location-call.js";
import { peopleCalls } from "./people-calls.js";
import { stateCall } from "./state-call.js";
import { stockCalls } from "./stock-calls.js";
import { tokenCalls } from "./token-calls.js";

/** The side that steers: JSON over HTTP, `GET /` lists the calls, bad input is a 400 with a sentence. */
export function createControlServer(world: World, addLocation: Parameters<typeof locationCall>[0]): Server {
  const calls: ControlCall[] = [
    stateCall,
    locationCall(addLocation),
    ...tokenCalls,
    ...stockCalls,
    ...assignmentCalls,
    ...assetCalls,
    ...peopleCalls,
    ...eventCalls,
    ...disturbanceCalls,
  ];
  return createServer((request, response) => {
    answer(world, calls, request, response).catch((error: unknown) => {
      const known = error instanceof InputError;
      if (!known) console.error("The control plane failed:", error);
      sendJson(response, known ? 400 : 500, { error: known ? error.message : "The simulator failed; see its output." });
    });
  });
}

async function answer(
  world: World,
  calls: ControlCall[],
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

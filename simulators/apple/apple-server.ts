import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readBody } from "../http/read-body.js";
import { sendJson } from "../http/send-json.js";
import { sendText } from "../http/send-text.js";
import type { Answer } from "./answer.js";
import { handleRequest, type ReceivedRequest } from "./handle-request.js";
import { plannedAnswer, unavailableAnswer } from "./refusals.js";
import type { LoggedRequest } from "./request-log.js";
import { RequestRate } from "./request-rate.js";
import { BASE_PATH } from "./routes.js";
import type { World } from "./world.js";

/** Awaited before a request is handled; a rejection answers it with HTTP 500. */
export type RequestHook = (request: { method: string; path: string }) => Promise<void>;

/** The Apple-like side: the v2 service and the store lookup on one port, with the planned disturbances. */
export function createAppleServer(world: World, onRequest: RequestHook | undefined): Server {
  const rate = new RequestRate();
  return createServer((request, response) => {
    serve(world, rate, onRequest, request, response).catch((error: unknown) => {
      // A caller that goes away while its body is read is not a fault of the simulator.
      if (request.destroyed && !request.complete) return;
      console.error("The Apple simulator failed to answer:", error);
      sendJson(response, 500, { message: "The simulator itself failed; see its output." });
    });
  });
}

async function serve(
  world: World,
  rate: RequestRate,
  onRequest: RequestHook | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const received = await receive(request);
  const { method, path, query, authorization } = received;
  if (method === "GET") response.once("close", world.readsAtOnce.begin(path, query, authorization));
  const logged = world.requests.add(method, request.url ?? "/", received.bodyText);
  await onRequest?.({ method, path });
  await world.disturbances.slowDown();

  const { unavailability } = world.disturbances;
  if (unavailability !== undefined) {
    answerWith(response, logged, unavailableAnswer(unavailability, world.switches));
    return;
  }
  const failure = world.disturbances.takeFailure(method, path);
  const origin = `http://${request.headers.host ?? "127.0.0.1"}`;
  const answer =
    failure === undefined || failure.mode === "afterEffect"
      ? await handleRequest(world, origin, rate, received)
      : plannedAnswer(failure, world.switches);
  await world.disturbances.waitWhileHeld(method, path);
  if (failure !== undefined && failure.mode !== "answer") {
    logged.answer = "cut";
    request.socket.destroy();
    return;
  }
  answerWith(response, logged, answer);
}

function answerWith(response: ServerResponse, logged: LoggedRequest, answer: Answer): void {
  logged.answer = answer.status;
  sendText(response, answer.status, answer.text, answer.headers);
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const url = new URL(request.url ?? "/", "http://simulator");
  const { pathname } = url;
  return {
    method: request.method ?? "GET",
    path: pathname.startsWith(`${BASE_PATH}/`) ? pathname.slice(BASE_PATH.length) : pathname,
    query: url.searchParams,
    authorization: request.headers.authorization,
    contentType: request.headers["content-type"],
    bodyText: await readBody(request),
  };
}

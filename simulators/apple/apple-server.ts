import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answerDisturbed } from "../disturbances/answer-disturbed.js";
import { readBody } from "../http/read-body.js";
import { requestListener } from "../http/request-listener.js";
import { sendJson } from "../http/send-json.js";
import { sendText } from "../http/send-text.js";
import type { Answer } from "./answer.js";
import { handleRequest, type ReceivedRequest } from "./handle-request.js";
import { plannedAnswer, unavailableAnswer } from "./refusals.js";
import { RequestRate } from "./request-rate.js";
import { BASE_PATH } from "./routes.js";
import type { World } from "./world.js";

/** Awaited before a request is handled; a rejection answers it with HTTP 500. */
export type RequestHook = (request: { method: string; path: string }) => Promise<void>;

/** The Apple-like side: the v2 service and the store lookup on one port, with the planned disturbances. */
export function createAppleServer(world: World, onRequest: RequestHook | undefined): Server {
  const rate = new RequestRate();
  return createServer(
    requestListener(
      "Apple",
      (request, response) => serve(world, rate, onRequest, request, response),
      (response) => sendJson(response, 500, { message: "The simulator itself failed; see its output." }),
    ),
  );
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
    const answer = unavailableAnswer(unavailability, world.switches);
    logged.answer = answer.status;
    return send(response, answer);
  }
  const origin = `http://${request.headers.host ?? "127.0.0.1"}`;
  await answerDisturbed(world.disturbances, {
    request,
    method,
    place: path,
    logged,
    handle: () => handleRequest(world, origin, rate, received),
    refuse: (failure) => plannedAnswer(failure, world.switches),
    send: (answer) => send(response, answer),
  });
}

function send(response: ServerResponse, { status, text, headers }: Answer): void {
  sendText(response, status, text, headers);
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

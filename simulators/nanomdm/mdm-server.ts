import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answerDisturbed } from "../disturbances/answer-disturbed.js";
import { readBody } from "../http/read-body.js";
import { requestListener } from "../http/request-listener.js";
import { sendText } from "../http/send-text.js";
import type { Answer, ApiRequest } from "./answer.js";
import type { PlannedFailure } from "./disturbances.js";
import { answerMicro } from "./micro-endpoints.js";
import { answerNano } from "./nano-endpoints.js";
import type { World } from "./world.js";

/** The server's API, with the planned disturbances. Devices are inside: they take their commands from the queues. */
export function createMdmServer(world: World): Server {
  const failed = { status: 500, body: { error: "The simulator itself failed; see its output." } };
  return createServer(
    requestListener(
      "MDM servers",
      (request, response) => serve(world, request, response),
      (response) => send(response, failed),
    ),
  );
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://simulator");
  const received: ApiRequest = {
    method: request.method ?? "GET",
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    body: await readBody(request),
  };
  const logged = world.requests.add({
    method: received.method,
    path: request.url ?? "/",
    contentType: request.headers["content-type"] ?? null,
    body: received.body,
  });
  await world.disturbances.slowDown();
  await answerDisturbed(world.disturbances, {
    request,
    method: received.method,
    place: received.path,
    logged,
    handle: () => handle(world, request.headers.authorization, received),
    refuse: plannedAnswer,
    send: (answer) => send(response, answer),
  });
}

function handle(world: World, authorization: string | undefined, request: ApiRequest): Answer {
  if (request.path === "/version") return { status: 200, body: versionOf(world) };
  const expected = `Basic ${Buffer.from(`${world.flavour}:${world.apiKey}`).toString("base64")}`;
  if (authorization !== expected) {
    return { status: 401, body: null, headers: { "www-authenticate": `Basic realm="${world.flavour}"` } };
  }
  const answer = world.flavour === "nanomdm" ? answerNano(world, request) : answerMicro(world, request);
  return answer ?? { status: 404, body: null };
}

function versionOf({ flavour }: World): object {
  if (flavour === "nanomdm") return { version: "v0.9.0" };
  return {
    version: "v1.13.1",
    branch: "main",
    revision: "0000000",
    go_version: "go1.21",
    build_date: "",
    build_user: "",
  };
}

function plannedAnswer({ status, retryAfterSeconds, commandError }: PlannedFailure): Answer {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return { status, body: commandError === undefined ? null : { command_error: commandError }, headers };
}

/** Without a body a page of text, as Go writes it. */
function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  const text = body === null ? `${status}\n` : JSON.stringify(body, null, "\t");
  const type = body === null ? "text/plain; charset=utf-8" : "application/json";
  sendText(response, status, text, { "content-type": type, ...headers });
}

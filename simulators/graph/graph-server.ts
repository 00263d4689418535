import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answerDisturbed } from "../disturbances/answer-disturbed.js";
import { readBody } from "../http/read-body.js";
import { requestListener } from "../http/request-listener.js";
import { EXPORT_PATH } from "./endpoints/export-jobs.js";
import { handleRequest } from "./handle-request.js";
import { type Answer, bytes, json } from "./protocol/answer.js";
import type { Version } from "./protocol/graph-request.js";
import { plannedAnswer } from "./protocol/planned-answer.js";
import { RateLimit } from "./rate-limit.js";
import { answerTokenRequest, TOKEN_PATH } from "./token-endpoint.js";
import type { World } from "./world.js";

interface Received {
  readonly method: string;
  readonly url: URL;
  readonly path: string;
  readonly origin: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Login, Graph and the files of exports on one port, with the planned disturbances. */
export function createGraphServer(world: World): Server {
  const rate = new RateLimit();
  const failed = json({ error: { code: "InternalServerError", message: "The simulator itself failed." } }, 500);
  return createServer(
    requestListener(
      "Graph",
      (request, response) => serve(world, rate, request, response),
      (response) => send(response, failed),
    ),
  );
}

async function serve(world: World, rate: RateLimit, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const received = await receive(request);
  const { method, path, url, headers, text } = received;
  const body = bodyOf(text, headers["content-type"]);
  const logged = world.requests.add({ method, path: url.pathname + url.search, headers, body, inBatch: false });
  await world.disturbances.slowDown();
  await answerDisturbed(world.disturbances, {
    request,
    method,
    place: path,
    logged,
    handle: () => answerTo(world, rate, received, body),
    refuse: (failure) => plannedAnswer(world, failure, path.replace(/^\/(v1\.0|beta)/, "")),
    send: (answer) => send(response, answer),
  });
}

function answerTo(world: World, rate: RateLimit, received: Received, body: unknown): Answer {
  const { method, path, origin, url, headers, text } = received;
  const tenant = TOKEN_PATH.exec(path)?.[1];
  if (tenant !== undefined && method === "POST")
    return answerTokenRequest(world, tenant, origin, new URLSearchParams(text));
  const file = EXPORT_PATH.exec(path)?.[1];
  if (file !== undefined) return answerFile(world, file, url, headers);
  const [, version, below] = /^\/(v1\.0|beta)(\/.*)$/.exec(path) ?? [];
  if (version === undefined || below === undefined)
    return json({ error: { code: "NotFound", message: "There is nothing here." } }, 404);
  return handleRequest(
    {
      world,
      origin,
      version: version as Version,
      method,
      path: below,
      query: url.searchParams,
      headers,
      body,
      parts: [],
    },
    rate,
  );
}

/** Whoever has the signed link has the file; with an `Authorization` header the real storage refuses it. */
function answerFile({ exports }: World, id: string, url: URL, headers: Received["headers"]): Answer {
  const job = exports.get(id);
  if (headers.authorization !== undefined) return json({ error: "InvalidAuthenticationInfo" }, 400);
  if (job?.status !== "completed" || url.searchParams.get("sig") !== job.signature)
    return json({ error: "NotFound" }, 404);
  return bytes(job.file, "application/zip");
}

async function receive(request: IncomingMessage): Promise<Received> {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
  const origin = `http://${headers["x-forwarded-host"] ?? headers.host ?? "127.0.0.1"}`;
  const url = new URL(request.url ?? "/", origin);
  return {
    method: request.method ?? "GET",
    url,
    path: decodeURIComponent(url.pathname),
    origin,
    headers,
    text: await readBody(request),
  };
}

function bodyOf(text: string, contentType: string | undefined): unknown {
  if (text === "") return undefined;
  if (/x-www-form-urlencoded/.test(contentType ?? "")) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function send(response: ServerResponse, { status, headers, body, bytes: content }: Answer): void {
  if (response.destroyed || response.writableEnded) return;
  const sent = content ?? (body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)));
  response.writeHead(status, { "content-length": String(sent.byteLength), ...headers });
  response.end(sent);
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { answerDisturbed } from "../disturbances/answer-disturbed.js";
import { readBody } from "../http/read-body.js";
import { requestListener } from "../http/request-listener.js";
import { sendText } from "../http/send-text.js";
import { WindowsAccess } from "./access/windows-access.js";
import type { ServerCertificate } from "./certificate.js";
import { dispatch, placeOf } from "./dispatch.js";
import type { PlannedFailure } from "./disturbances.js";
import type { Site } from "./model/site.js";
import { type Answer, type Call, errorAnswer, originOf } from "./odata/answer.js";

/** On premises, or through the cloud management gateway under any id. */
const ROOT = /^(\/AdminService|\/CCM_Proxy_ServerAuth\/[^/]+\/AdminService)\/(wmi|v1\.0)\/?(.*)$/i;
const RETRY_AFTER_SECONDS = 2;

/** The AdminService itself, over TLS. */
export function createAdminServiceServer(site: Site, { cert, key }: ServerCertificate): Server {
  const windows = new WindowsAccess(site);
  return createServer(
    { cert, key },
    requestListener(
      "the AdminService",
      (request, response) => serve(site, windows, request, response),
      (response) => send(response, errorAnswer(500, "The simulator itself failed; see its output.")),
    ),
  );
}

async function serve(
  site: Site,
  windows: WindowsAccess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bodyText = await readBody(request);
  const logged = site.requests.log(request.method ?? "GET", request.url ?? "/", bodyText, request.socket);
  await site.disturbances.slowDown();
  const call = readCall(request, bodyText);
  await answerDisturbed(site.disturbances, {
    request,
    method: request.method ?? "GET",
    place: call === null ? "" : placeOf(call),
    logged,
    handle: () => answerTo(site, windows, request, call),
    refuse: (failure) => plannedAnswer(site, failure),
    send: (answer) => send(response, answer),
    sendHalf: (answer) => sendHalf(request, response, answer),
  });
}

function answerTo(site: Site, windows: WindowsAccess, request: IncomingMessage, call: Call | null): Answer {
  if (Date.now() < site.disturbances.unavailableUntil) return withRetry(site, errorAnswer(503, "Service unavailable."));
  const refused = admit(site, windows, request);
  if (refused) return refused;
  if (call === null) return errorAnswer(404, "There is nothing at this address.");
  if (site.disturbances.forbids(call.method, placeOf(call))) {
    return errorAnswer(403, "The account has no permission for this object.");
  }
  return dispatch(site, call);
}

/** Answers the refusal of who is not let in. */
function admit(site: Site, windows: WindowsAccess, request: IncomingMessage): Answer | null {
  const { authorization } = request.headers;
  if (/^\/CCM_Proxy_ServerAuth\//i.test(request.url ?? "")) {
    const [, token = ""] = /^Bearer (\S+)$/i.exec(authorization ?? "") ?? [];
    return site.tokens.isValid(token) ? null : challenge(site, ["Bearer"]);
  }
  const access = windows.admit(request.socket, authorization);
  return "account" in access ? null : challenge(site, access.challenges);
}

function challenge({ switches }: Site, challenges: readonly string[]): Answer {
  // A challenge within a handshake never closes: it belongs to the socket.
  const isFirst = challenges.every((one) => !one.includes(" "));
  const closing = switches.challengeCloses && isFirst ? { connection: "close" } : {};
  return { status: 401, body: "", headers: { "www-authenticate": challenges, ...closing } };
}

function readCall(request: IncomingMessage, bodyText: string): Call | null {
  const url = new URL(request.url ?? "/", "https://simulator");
  const [, base, route = "", path = ""] = ROOT.exec(decodeURIComponent(url.pathname)) ?? [];
  if (base === undefined) return null;
  return {
    method: request.method ?? "GET",
    route: route.toLowerCase() === "wmi" ? "wmi" : "v1.0",
    root: `${originOf(request)}${base}/${route}`,
    path,
    query: url.searchParams,
    body: parsed(bodyText),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function plannedAnswer(site: Site, { status }: PlannedFailure): Answer {
  return withRetry(site, errorAnswer(status, "The request failed as planned.", String(status)));
}

function withRetry({ switches }: Site, answer: Answer): Answer {
  const asksForPatience = switches.retryAfter === "seconds" && (answer.status === 429 || answer.status === 503);
  return asksForPatience ? { ...answer, headers: { "retry-after": String(RETRY_AFTER_SECONDS) } } : answer;
}

function sendHalf(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const text = textOf(answer);
  response.writeHead(answer.status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.write(text.slice(0, Math.floor(text.length / 2)), () => request.socket.destroy());
}

function send(response: ServerResponse, answer: Answer): void {
  sendText(response, answer.status, textOf(answer), { ...answer.headers } as Record<string, string>);
}

function textOf({ body }: Answer): string {
  if (body === null) return "";
  return typeof body === "string" ? body : JSON.stringify(body);
}

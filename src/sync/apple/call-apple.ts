import type { Logger } from "pino";
import type { z } from "zod";
import type { Clock } from "../core.js";
import { type AnsweredLocation, answeredLocation } from "./answered-location.js";
import type { AppleAccess, OnAnswer } from "./apple-client.js";
import { AppleError } from "./apple-error.js";
import { type Endpoint, endpointUrl } from "./endpoints.js";
import { parseAnswer, readAs } from "./parse-answer.js";
import type { HttpRequest, Transport } from "./request.js";
import type { RequestBudget } from "./request-budget.js";
import { retryReads } from "./retry.js";
import type { ServiceConfigSource } from "./service-config.js";

/** Apple's default where its limits do not name one. */
const REQUESTS_PER_SECOND = 15;
/** After "too many requests" at the least: a date to wait for may have passed already by our clock. */
const PAUSE_MS = 1000;
const TOO_MANY_REQUESTS = 9646;
/** Apple's number for an address that is another by now. */
const MOVED = 9617;
/** A write as a whole, its wait for a turn included; whoever committed that it is being sent counts on that. Real time. */
const WRITE_LIMIT_MS = 40_000;

export interface AppleCallTools {
  /** The v2 root, with a slash at its end. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly transport: Transport;
  readonly budget: RequestBudget;
  readonly serviceConfig: ServiceConfigSource;
  readonly onAnswer: OnAnswer | undefined;
}

export type AppleQuery = Readonly<Record<string, string | number | boolean | undefined>>;

export interface AppleCall {
  readonly method: "GET" | "POST";
  readonly endpoint: Endpoint;
  readonly query?: AppleQuery;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface AppleAnswer<Data> {
  readonly data: Data;
  /** When the request was begun. */
  readonly requestedAt: Date;
}

/**
 * One call with a token: within its budget, at the address Apple names, with the answer in the shape asked for. A GET is
 * retried on `retryable` errors, a POST never is.
 */
export async function callApple<Shape extends z.ZodType>(
  tools: AppleCallTools,
  access: AppleAccess,
  call: AppleCall,
  shape: Shape,
): Promise<AppleAnswer<z.output<Shape>>> {
  if (call.method === "POST") {
    const limit = AbortSignal.timeout(WRITE_LIMIT_MS);
    const signal = call.signal ? AbortSignal.any([limit, call.signal]) : limit;
    const answer = await attempt(tools, access, { ...call, signal }, shape);
    await tellOfWrite(tools, access, answer.seen);
    return answer;
  }
  // It has five attempts of its own, which are not to be multiplied.
  await tools.serviceConfig.current(call.signal);
  const answer = await retryReads(tools.clock, call.signal, () => attempt(tools, access, call, shape));
  await tools.onAnswer?.(access, answer.seen);
  return answer;
}

/** Apple has done what was asked: its answer must not be lost over what we make of the rest. */
async function tellOfWrite({ onAnswer, log }: AppleCallTools, access: AppleAccess, seen: AnsweredLocation) {
  try {
    await onAnswer?.(access, seen);
  } catch (error) {
    log.error({ error, tokenId: access.tokenId }, "What Apple told of a token's location could not be noted");
  }
}

async function attempt<Shape extends z.ZodType>(
  { budget, clock, transport, baseUrl, serviceConfig }: AppleCallTools,
  access: AppleAccess,
  call: AppleCall,
  shape: Shape,
): Promise<AppleAnswer<z.output<Shape>> & { seen: AnsweredLocation }> {
  const { method, endpoint, signal } = call;
  const config = await serviceConfig.current(signal);
  const perSecond = config.limits.maxRequestPerSecond ?? REQUESTS_PER_SECOND;
  await budget.take(access.tokenId, method === "GET" ? "read" : "write", perSecond, signal);
  const requestedAt = clock.now();
  const answer = await transport.exchange(httpRequest(access, call, endpointUrl(config, baseUrl, endpoint)));
  const request = { method, name: endpoint };
  try {
    const body = parseAnswer(answer, request, clock.now());
    return { requestedAt, data: readAs(shape, body, request), seen: answeredLocation(body) };
  } catch (error) {
    if (error instanceof AppleError && error.errorNumber === MOVED) serviceConfig.expire();
    const pauseMs = pauseAskedFor(error, clock);
    if (pauseMs > 0) await budget.pause(access.tokenId, pauseMs);
    throw error;
  }
}

function pauseAskedFor(error: unknown, clock: Clock): number {
  if (!(error instanceof AppleError) || error.kind !== "retryable") return 0;
  const tooMany = error.errorNumber === TOO_MANY_REQUESTS || error.httpStatus === 429;
  return Math.max(error.retryAfterMs ?? 0, tooMany ? clock.scaled(PAUSE_MS) : 0);
}

function httpRequest(access: AppleAccess, { method, query, body, signal }: AppleCall, url: URL): HttpRequest {
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { authorization: `Bearer ${access.text}`, accept: "application/json" };
  if (body === undefined) return { method, url: url.href, headers, signal };
  headers["content-type"] = "application/json";
  return { method, url: url.href, headers, signal, body: JSON.stringify(body) };
}

import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import type { ExecutionResult } from "graphql";
import { AppError } from "../errors.js";
import { Deadline } from "../queries/deadline.js";
import type { CreateContext } from "../resolvers/context.js";
import { eventsOf } from "./events-of.js";
import type { OpenSubscriptions } from "./limits/open-subscriptions.js";
import type { Patience } from "./patience.js";
import { subscribeInTurns } from "./subscribe-in-turns.js";
import {
  EVENT_STREAM,
  type FormatError,
  formatErrors,
  formatResult,
  readSubscription,
  type SubscriptionRequest,
  type SubscriptionRules,
} from "./subscription-operation.js";

export interface EventStreamOptions {
  readonly rules: SubscriptionRules;
  readonly openSubscriptions: OpenSubscriptions;
  readonly formatError: FormatError;
  readonly createContext: CreateContext;
  readonly patience: Patience;
}

/**
 * Answers a subscription as server-sent events: `event: next` with one GraphQL result as `data`, then `event: complete`
 * unless the caller goes or the server closes. When the caller's access ends, or it does not take what it is sent, the last result
 * says so. A request that is wrong is answered as JSON, with 400.
 * @throws AppError INVALID_INPUT for a caller that does not accept events, LIMIT_EXCEEDED for one that has too many open.
 */
export function eventStreamHandler(http: FastifyInstance, options: EventStreamOptions): RouteHandlerMethod {
  const { rules, openSubscriptions, formatError, createContext, patience } = options;
  const subscribe = subscribeInTurns(rules);
  const open = new Set<AsyncIterator<string>>();
  let closing = false;
  http.addHook("preClose", async () => {
    closing = true;
    for (const events of open) await events.return?.();
  });
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.headers.accept?.includes(EVENT_STREAM)) throw notAccepted();
    const { access } = request.session;
    const read = readSubscription(rules, access, request.body as SubscriptionRequest);
    if (!("document" in read)) return reply.code(400).send({ errors: formatErrors(read, formatError) });
    const end = openSubscriptions.begin(access);
    const deadline = Deadline.ofEachStatement(rules.limits.queryMs);
    const results = await subscribe({ ...read, contextValue: createContext(access, request.id, deadline) });
    if (!isStream(results)) {
      end();
      return reply.send(formatResult(results, formatError));
    }
    const print = (result: ExecutionResult) => JSON.stringify(formatResult(result, formatError));
    const events = eventsOf(results, request.session, print, patience, () => cutOff(reply, patience));
    open.add(events);
    if (closing) await events.return?.();
    const stream = Readable.from(events, { highWaterMark: 1 });
    stream.once("close", () => {
      open.delete(events);
      end();
    });
    reply.type(EVENT_STREAM);
    // nginx would keep events back until there are many.
    reply.header("x-accel-buffering", "no");
    // Else closing would wait for callers that keep it for another request.
    reply.header("connection", "close");
    return reply.send(stream);
  };
}

/** The connection, since the last events may wait behind the stream, in what is sent. */
function cutOff({ raw }: FastifyReply, { farewellMs }: Patience): void {
  const farewell = setTimeout(() => raw.destroy(), farewellMs);
  raw.once("close", () => clearTimeout(farewell));
}

function notAccepted(): AppError {
  return new AppError(
    "INVALID_INPUT",
    "A subscription is answered by events: send the header `Accept: text/event-stream`, or subscribe over WebSocket.",
  );
}

function isStream(
  results: ExecutionResult | AsyncIterableIterator<ExecutionResult>,
): results is AsyncIterableIterator<ExecutionResult> {
  return Symbol.asyncIterator in results;
}

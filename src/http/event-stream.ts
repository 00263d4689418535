import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import { type ExecutionResult, GraphQLError, subscribe } from "graphql";
import { AppError } from "../errors.js";
import { Deadline } from "../queries/deadline.js";
import type { CreateContext } from "../resolvers/context.js";
import type { Session } from "./authentication/session.js";
import {
  type FormatError,
  formatErrors,
  formatResult,
  readSubscription,
  type SubscriptionRequest,
  type SubscriptionRules,
} from "./subscription-operation.js";

const EVENT_STREAM = "text/event-stream";
/** Silence longer than this ends connections on some ways through the net. */
const PING_MS = 12_000;
/** A line that says nothing: it opens the stream, and keeps it open. */
const PING = ":\n\n";
/** Tells apart what has come to its end from what is cut off, after which a client subscribes again. */
const COMPLETE = "event: complete\ndata:\n\n";

export interface EventStreamOptions {
  readonly rules: SubscriptionRules;
  readonly formatError: FormatError;
  readonly createContext: CreateContext;
}

/**
 * Answers a subscription as server-sent events: `event: next` with one GraphQL result as `data`, then `event: complete`
 * unless the caller goes or the server closes. When the caller's access ends, the last result says so. A request that is wrong is answered as JSON, with 400.
 * @throws AppError INVALID_INPUT for a caller that does not accept events.
 */
export function eventStreamHandler(http: FastifyInstance, options: EventStreamOptions): RouteHandlerMethod {
  const { rules, formatError, createContext } = options;
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
    const deadline = Deadline.ofEachStatement(rules.limits.queryMs);
    const results = await subscribe({ ...read, contextValue: createContext(access, request.id, deadline) });
    if (!isStream(results)) return reply.send(formatResult(results, formatError));
    const print = (result: ExecutionResult) => JSON.stringify(formatResult(result, formatError));
    const events = eventsOf(results, request.session, print);
    open.add(events);
    if (closing) await events.return?.();
    const stream = Readable.from(events, { highWaterMark: 1 });
    stream.once("close", () => open.delete(events));
    reply.type(EVENT_STREAM);
    // nginx would keep events back until there are many.
    reply.header("x-accel-buffering", "no");
    // Else closing would wait for callers that keep it for another request.
    reply.header("connection", "close");
    return reply.send(stream);
  };
}

function notAccepted(): AppError {
  return new AppError(
    "INVALID_INPUT",
    "A subscription is answered by events: send the header `Accept: text/event-stream`, or subscribe over WebSocket.",
  );
}

/** `return()` ends it at once: an async generator would first wait for the result it has asked for. */
function eventsOf(
  results: AsyncGenerator<ExecutionResult, void, void>,
  session: Session,
  print: (result: ExecutionResult) => string,
): AsyncIterableIterator<string> {
  let opened = false;
  let ended = false;
  let asked: Promise<IteratorResult<ExecutionResult, void>> | null = null;
  let farewell: ExecutionResult | null = null;
  const done = { done: true, value: undefined } as const;
  const next = (result: ExecutionResult) =>
    ({ done: false, value: `event: next\ndata: ${print(result)}\n\n` }) as const;
  const stop = session.onEnd(() => {
    farewell = { errors: [accessEnded()] };
    void results.return();
  });
  return {
    async next() {
      if (!opened) {
        opened = true;
        return { done: false, value: PING };
      }
      if (ended) return done;
      asked ??= results.next();
      const told = await within(asked, PING_MS);
      if (told === null) return { done: false, value: PING };
      asked = null;
      if (!told.done) return next(told.value);
      if (ended) return done;
      stop();
      if (farewell) {
        const last = farewell;
        farewell = null;
        return next(last);
      }
      ended = true;
      return { done: false, value: COMPLETE };
    },
    async return() {
      ended = true;
      stop();
      await results.return();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function accessEnded(): GraphQLError {
  const originalError = new AppError("UNAUTHENTICATED", "The access that this was subscribed with has ended.");
  return new GraphQLError(originalError.message, { originalError });
}

/** Null when it takes longer. */
async function within<Value>(value: Promise<Value>, waitMs: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, waitMs, null);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isStream(
  results: ExecutionResult | AsyncGenerator<ExecutionResult, void, void>,
): results is AsyncGenerator<ExecutionResult, void, void> {
  return Symbol.asyncIterator in results;
}

import type { IncomingMessage, Server } from "node:http";
import proxyAddr from "@fastify/proxy-addr";
import type { FastifyInstance } from "fastify";
import type { ExecutionArgs, GraphQLError } from "graphql";
import { CloseCode, handleProtocols, makeServer, type ServerOptions } from "graphql-ws";
import { WebSocket, WebSocketServer } from "ws";
import { AppError, type ErrorCode } from "../errors.js";
import { Deadline } from "../queries/deadline.js";
import type { CreateContext } from "../resolvers/context.js";
import type { Authenticator } from "./authentication/authenticator.js";
import type { Session } from "./authentication/session.js";
import type { OpenSubscriptions } from "./limits/open-subscriptions.js";
import { toRequestError } from "./limits/over-limit.js";
import type { RequestRate } from "./limits/request-rate.js";
import type { Patience } from "./patience.js";
import type { RefusedMutations } from "./refused-mutations.js";
import { SocketOutbox } from "./socket-outbox.js";
import { subscribeInTurns } from "./subscribe-in-turns.js";
import {
  type FormatError,
  formatErrors,
  formatResult,
  readSubscription,
  type SubscriptionRequest,
  type SubscriptionRules,
} from "./subscription-operation.js";
import type { Trust } from "./trusted-proxies.js";

/** So long a client has to answer when the server closes. */
const CLOSE_MS = 1_000;
const SUBSCRIPTIONS_A_SOCKET = 100;
/** Of RFC 6455: the client may come again. */
const GOING_AWAY = 1001;

export interface GraphqlSocketOptions {
  readonly rules: SubscriptionRules;
  readonly refused: RefusedMutations;
  readonly rate: RequestRate;
  readonly openSubscriptions: OpenSubscriptions;
  readonly formatError: FormatError;
  readonly authenticator: Authenticator;
  readonly trustProxy: Trust;
  readonly createContext: CreateContext;
  readonly patience: Patience;
  /** Names a subscription in the log. */
  readonly newId: () => string;
}

/** What is to be called when a subscription has ended, by the request that it began with. */
type Ends = WeakMap<SubscriptionRequest, () => void>;

interface Extra extends Record<PropertyKey, unknown> {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  session?: Session;
}

/**
 * Mounts subscriptions over WebSocket at `/graphql`, by the protocol `graphql-transport-ws`. The key is that of queries: as
 * `authorization` in the payload of `connection_init`, or as a header. Without it, and when the access ends, the socket is
 * closed with 4401.
 */
export function addGraphqlSocket(http: FastifyInstance, options: GraphqlSocketOptions): void {
  const sockets = new WebSocketServer({
    server: http.server as Server,
    path: "/graphql",
    maxPayload: options.rules.limits.bodyBytes,
    handleProtocols,
  });
  const protocol = makeServer<Record<string, unknown>, Extra>(protocolOptions(options));
  sockets.on("connection", (socket, request) => {
    const outbox = new SocketOutbox(socket, options.patience);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => outbox.send(text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (read) =>
          socket.on("message", (data) => {
            read(String(data)).catch((error: unknown) => {
              http.log.error({ error }, "A message over a WebSocket could not be answered");
              socket.close(CloseCode.InternalServerError, "Internal server error");
            });
          }),
        onPing: () => outbox.pong(),
      },
      { socket, request },
    );
    // What a client breaks ends its socket, which is closed and told of here.
    socket.on("error", (error) => http.log.debug({ error }, "A WebSocket failed"));
    socket.once("close", (code, reason) => {
      outbox.stop();
      void closed(code, String(reason));
    });
  });
  http.addHook("preClose", () => closeAll(sockets));
}

async function closeAll(sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, "The server is closing");
  const late = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, CLOSE_MS);
  await new Promise((resolve) => sockets.close(resolve));
  clearTimeout(late);
}

function protocolOptions(options: GraphqlSocketOptions): ServerOptions<Record<string, unknown>, Extra> {
  const { rules, formatError, authenticator, trustProxy } = options;
  const ends: Ends = new WeakMap();
  return {
    subscribe: subscribeInTurns(rules),
    onConnect: async ({ connectionParams, extra: { socket, request }, extra }) => {
      const given = connectionParams?.authorization ?? connectionParams?.Authorization;
      const refuse = () => socket.close(CloseCode.Unauthorized, "Unauthorized");
      try {
        extra.session = await authenticator.authenticate(
          typeof given === "string" ? given : request.headers.authorization,
          proxyAddr(request, trustProxy),
        );
        const stop = extra.session.onEnd(refuse);
        // Who has gone meanwhile is not told of any more.
        if (socket.readyState === WebSocket.CLOSED) stop();
        else socket.once("close", stop);
        return true;
      } catch (error) {
        if (error instanceof AppError) refuse();
        else throw error;
        return false;
      }
    },
    onSubscribe: ({ extra: { session }, subscriptions }, _id, payload) => {
      if (Object.keys(subscriptions).length > SUBSCRIPTIONS_A_SOCKET) return [tooMany()];
      // The protocol lets nobody subscribe before `onConnect`.
      return session ? begin(options, ends, session, payload) : [];
    },
    onComplete: (_context, _id, payload) => ends.get(payload)?.(),
    onNext: (_context, _id, _payload, _args, result) => formatResult(result, formatError),
    onError: (_context, _id, _payload, errors) => formatErrors(errors, formatError),
  };
}

async function begin(
  { rules, refused, rate, openSubscriptions, formatError, createContext, newId }: GraphqlSocketOptions,
  ends: Ends,
  { access }: Session,
  request: SubscriptionRequest,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  try {
    await rate.count(access);
    const read = readSubscription(rules, access, request);
    const requestId = newId();
    if (!("document" in read)) {
      const [fault] = formatErrors(read, formatError);
      await refused.tell(
        { access, requestId },
        rules.persisted.complete(request),
        fault?.extensions?.code as ErrorCode,
      );
      return read;
    }
    ends.set(request, openSubscriptions.begin(access));
    return { ...read, contextValue: createContext(access, requestId, Deadline.ofEachStatement(rules.limits.queryMs)) };
  } catch (error) {
    if (error instanceof AppError) return [toRequestError(error)];
    throw error;
  }
}

function tooMany(): GraphQLError {
  return toRequestError(
    new AppError(
      "LIMIT_EXCEEDED",
      `A socket carries at most ${SUBSCRIPTIONS_A_SOCKET} subscriptions. End one, or open another socket.`,
      { kind: "subscriptions", limit: SUBSCRIPTIONS_A_SOCKET },
    ),
  );
}

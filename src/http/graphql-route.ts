import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { GraphQLSchema } from "graphql";
import { type Context, createContexts } from "../resolvers/context.js";
import type { Core } from "../sync/core.js";
import type { ChangeFeed } from "../sync/watch/change-feed.js";
import type { Authenticator } from "./authentication/authenticator.js";
import type { Session } from "./authentication/session.js";
import { eventStreamHandler } from "./event-stream.js";
import { addGraphqlSocket } from "./graphql-socket.js";
import { asksToSubscribe, type FormatError } from "./subscription-operation.js";
import type { Trust } from "./trusted-proxies.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Of who sends this request; there once that is known. */
    session: Session;
  }
}

/** The token file and the longest lists of members fit many times over. */
const BODY_LIMIT_BYTES = 1024 * 1024;

export interface GraphqlRouteOptions {
  readonly core: Core;
  readonly changes: ChangeFeed;
  readonly schema: GraphQLSchema;
  readonly authenticator: Authenticator;
  readonly trustProxy: Trust;
  readonly formatError: FormatError;
}

/**
 * Mounts `/graphql`: queries and mutations, and subscriptions as a stream of events or over WebSocket. Who sends no valid
 * key is refused before the request's body is read.
 */
export async function addGraphqlRoute(http: FastifyInstance, options: GraphqlRouteOptions): Promise<void> {
  const { core, changes, schema, authenticator, trustProxy, formatError } = options;
  const createContext = createContexts(core, changes);
  const apollo = new ApolloServer<Context>({
    schema,
    formatError,
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginCacheControlDisabled(), ApolloServerPluginLandingPageDisabled()],
    logger: core.log,
  });
  await apollo.start();
  http.addHook("onClose", () => apollo.stop());
  http.decorateRequest("session");
  const answer = fastifyApolloHandler(apollo, {
    context: async (request) => createContext(request.session.access, request.id),
  });
  const stream = eventStreamHandler(http, { schema, formatError, createContext });
  http.route({
    url: "/graphql",
    method: ["GET", "POST"],
    bodyLimit: BODY_LIMIT_BYTES,
    onRequest: async (request) => {
      request.session = await authenticator.authenticate(request.headers.authorization, request.ip);
    },
    handler(request, reply) {
      return (asksToSubscribe(request.body) ? stream : answer).call(this, request, reply);
    },
  });
  addGraphqlSocket(http, {
    schema,
    formatError,
    messageLimitBytes: BODY_LIMIT_BYTES,
    authenticator,
    trustProxy,
    createContext,
    newId: () => core.clock.uuid(),
  });
}

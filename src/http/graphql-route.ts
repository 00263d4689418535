import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import { type Context, createContext } from "../resolvers/context.js";
import type { Core } from "../sync/core.js";
import { authenticate } from "./authenticate.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sends this request; empty until that is known. */
    actor: string;
  }
}

/** The token file and the longest lists of members fit many times over. */
const BODY_LIMIT_BYTES = 1024 * 1024;

export interface GraphqlRouteOptions {
  readonly core: Core;
  readonly schema: GraphQLSchema;
  readonly adminApiKey: string;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
}

/** Mounts `/graphql`. Who sends no valid key is refused before the request's body is read. */
export async function addGraphqlRoute(http: FastifyInstance, options: GraphqlRouteOptions): Promise<void> {
  const { core, schema, adminApiKey, formatError } = options;
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
  http.decorateRequest("actor", "");
  http.route({
    url: "/graphql",
    method: ["GET", "POST"],
    bodyLimit: BODY_LIMIT_BYTES,
    onRequest: async (request) => {
      request.actor = authenticate(request.headers.authorization, adminApiKey);
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => createContext(core, request.actor),
    }),
  });
}

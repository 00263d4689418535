import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { GraphQLSchema } from "graphql";
import { AppError } from "../errors.js";
import { Deadline } from "../queries/deadline.js";
import { FastPath } from "../queries/fast-path/fast-path.js";
import { type Context, createContexts } from "../resolvers/context.js";
import type { Access } from "../schema/access.js";
import type { Core } from "../sync/core.js";
import type { ChangeFeed } from "../sync/watch/change-feed.js";
import type { Authenticator } from "./authentication/authenticator.js";
import type { Session } from "./authentication/session.js";
import { eventStreamHandler } from "./event-stream.js";
import { fastAnswer } from "./fast-answer.js";
import { fastPathPlugin } from "./fast-path-plugin.js";
import { addGraphqlSocket } from "./graphql-socket.js";
import { jsonStatusPlugin } from "./json-status-plugin.js";
import { documentRules, MOST_FAULTS } from "./limits/document-rules.js";
import { refuseLongDocument } from "./limits/document-tokens.js";
import type { Limits } from "./limits/limits.js";
import { limitsPlugin } from "./limits/limits-plugin.js";
import { refuseLongLists } from "./limits/list-lengths.js";
import { OpenSubscriptions } from "./limits/open-subscriptions.js";
import { costCheck } from "./limits/query-cost.js";
import { RequestRate } from "./limits/request-rate.js";
import type { Patience } from "./patience.js";
import { PersistedOperations } from "./persisted/persisted-operations.js";
import type { PersistedSettings } from "./persisted/persisted-settings.js";
import { processFacts } from "./process-facts.js";
import { RefusedMutations } from "./refused-mutations.js";
import { FURTHER_PAGE } from "./report-csv-route.js";
import {
  asksToSubscribe,
  type FormatError,
  type SubscriptionRequest,
  type SubscriptionRules,
} from "./subscription-operation.js";
import type { Trust } from "./trusted-proxies.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Of who sends this request; there once that is known. */
    session: Session;
    /** How long it may read. */
    deadline: Deadline;
  }
}

export interface GraphqlRouteOptions {
  readonly core: Core;
  readonly changes: ChangeFeed;
  readonly schema: GraphQLSchema;
  readonly authenticator: Authenticator;
  readonly trustProxy: Trust;
  readonly limits: Limits;
  readonly persisted: PersistedSettings;
  /** Whether queries that one statement answers are answered by its text. */
  readonly fastPath: boolean;
  /** By which this process's own requests are known for what was counted already. */
  readonly furtherPage: string;
  readonly formatError: FormatError;
  readonly patience: Patience;
}

/**
 * Mounts `/graphql`: queries and mutations, and subscriptions as a stream of events or over WebSocket. Who sends no valid
 * key, or too many requests, is refused before the request's body is read; what is over a limit, before it is executed.
 */
export async function addGraphqlRoute(http: FastifyInstance, options: GraphqlRouteOptions): Promise<void> {
  const { core, changes, authenticator, trustProxy, formatError, limits, patience } = options;
  const createContext = createContexts(core, changes);
  const rules = rulesOf(options);
  const refused = new RefusedMutations(core, options.schema, limits.documentTokens);
  const rate = new RequestRate(limits.requestsPerMinute);
  const openSubscriptions = new OpenSubscriptions(limits.openSubscriptions);
  const reasons = new WeakMap<Deadline, string>();
  const apollo = createApollo(options, rules, [refused.plugin, fastPathPlugin(reasons)]);
  const fastPath = options.fastPath ? createFastPath(options, rules) : null;
  await apollo.start();
  http.addHook("onClose", () => apollo.stop());
  http.decorateRequest("session");
  http.decorateRequest("deadline");
  const answer = fastifyApolloHandler(apollo, {
    context: async ({ session, id, deadline }) => createContext(session.access, id, deadline),
  });
  const stream = eventStreamHandler(http, { rules, openSubscriptions, formatError, createContext, patience });
  http.route({
    url: "/graphql",
    method: ["GET", "POST"],
    bodyLimit: limits.bodyBytes,
    onRequest: async (request) => {
      request.session = await authenticator.authenticate(request.headers.authorization, request.ip);
      if (request.headers[FURTHER_PAGE] !== options.furtherPage) await rate.count(request.session.access);
    },
    preHandler: (request) => refuseExcess(rules, refused, request),
    async handler(request, reply) {
      if (asksToSubscribe(request.body, request.headers.accept)) return stream.call(this, request, reply);
      request.deadline = Deadline.ofRequest(limits.queryMs);
      return (fastPath && (await fastAnswer(fastPath, request, reply, reasons))) ?? answer.call(this, request, reply);
    },
  });
  addGraphqlSocket(http, {
    rules,
    refused,
    rate,
    openSubscriptions,
    formatError,
    authenticator,
    trustProxy,
    createContext,
    patience,
    newId: () => core.clock.uuid(),
  });
}

function rulesOf({ core, schema, limits, persisted }: GraphqlRouteOptions): SubscriptionRules {
  const operations = new PersistedOperations(persisted);
  operations.tellOfMisfits(schema, core.log);
  return {
    schema,
    limits,
    documentRules: documentRules(limits),
    checkCost: costCheck(schema, limits),
    persisted: operations,
  };
}

function createApollo(
  { core, schema, formatError }: GraphqlRouteOptions,
  { limits, documentRules, checkCost, persisted }: SubscriptionRules,
  plugins: ApolloServerPlugin<Context>[],
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    formatError,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: { cache: persisted.cache },
    // What a client has sent was counted before; this is for what the list holds.
    parseOptions: { maxTokens: limits.documentTokens },
    validationRules: [...documentRules],
    validationOptions: { maxErrors: MOST_FAULTS },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      limitsPlugin(checkCost, persisted),
      jsonStatusPlugin(),
      ...plugins,
    ],
    logger: core.log,
  });
}

function createFastPath(
  { core, schema }: GraphqlRouteOptions,
  { limits, documentRules, checkCost, persisted }: SubscriptionRules,
): FastPath<Access> {
  return new FastPath<Access>({
    schema,
    db: core.dataSource,
    facts: processFacts(core),
    documentRules,
    documentTokens: limits.documentTokens,
    check({ access, query, operationName, variables }, document) {
      persisted.refuseUnlisted(access, query);
      checkCost({ document, operationName, variables });
    },
    log: core.log,
  });
}

/**
 * What can be told of a request before it is parsed. Its operation is then known by its text, whatever it was sent as.
 * @throws AppError LIMIT_EXCEEDED; FORBIDDEN for what is not on the list, where nothing else is taken.
 */
async function refuseExcess(
  { limits, persisted }: SubscriptionRules,
  refused: RefusedMutations,
  request: FastifyRequest,
): Promise<void> {
  const asked = request.method === "GET" ? askedByGet(request) : askedByPost(request);
  // What cannot be understood is told by Apollo Server.
  if (asked === null) return;
  const complete = persisted.complete(asked);
  const { query, variables } = complete;
  const { access } = request.session;
  try {
    persisted.refuseUnlisted(access, query);
    if (typeof query === "string") refuseLongDocument(query, limits.documentTokens);
    refuseLongLists(variables, limits.listLength);
  } catch (error) {
    if (error instanceof AppError) await refused.tell({ access, requestId: request.id }, complete, error.code);
    throw error;
  }
  if (request.method === "POST") request.body = complete;
}

function askedByPost({ body }: FastifyRequest): SubscriptionRequest | null {
  return typeof body === "object" && body !== null && !Array.isArray(body) ? body : null;
}

/** The address is read just as Apollo Server reads it, so that both see the same. */
function askedByGet({ url }: FastifyRequest): SubscriptionRequest | null {
  const parameters = new URL(url, "http://localhost/").searchParams;
  const json = (name: string) => JSON.parse(parameters.get(name) ?? "{}");
  try {
    return {
      query: parameters.get("query") ?? undefined,
      operationName: parameters.get("operationName"),
      variables: json("variables"),
      extensions: json("extensions"),
    };
  } catch {
    return null;
  }
}

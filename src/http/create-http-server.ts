import { randomUUID } from "node:crypto";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { fastify, LogController } from "fastify";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import { formatError as formatForCaller } from "../schema/format-error.js";
import type { Core } from "../sync/core.js";
import type { ChangeFeed } from "../sync/watch/change-feed.js";
import { answerError } from "./answer-error.js";
import { createAuthenticator } from "./authentication/authenticator.js";
import type { OidcSettings } from "./authentication/oidc-settings.js";
import { addCors } from "./cors.js";
import { cutUntaken } from "./cut-untaken.js";
import { cutUnused } from "./cut-unused.js";
import { addGraphqlRoute } from "./graphql-route.js";
import { addHealthRoutes } from "./health-routes.js";
import { DEFAULT_LIMITS, type Limits } from "./limits/limits.js";
import { addNotificationRoute } from "./notification-route.js";
import { PATIENCE, type Patience } from "./patience.js";
import type { PersistedSettings } from "./persisted/persisted-settings.js";
import { addPlaygroundRoute } from "./playground-route.js";
import { addReportCsvRoute } from "./report-csv-route.js";
import { addReportRoute } from "./report-route.js";
import { addSecurityHeaders } from "./security-headers.js";
import { type TrustedProxies, trustOf } from "./trusted-proxies.js";
import { addUnknownAddress } from "./unknown-address.js";
import { addWebhookRoute } from "./webhook-route.js";

/** Within this a request has to be here whole; fastify's own default is without an end. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface HttpServerOptions {
  readonly core: Core;
  /** What subscribers are told of. */
  readonly changes: ChangeFeed;
  readonly schema: GraphQLSchema;
  /** The key that opens the API. */
  readonly adminApiKey: string;
  /** Whose tokens open it, too; nobody's if left out. */
  readonly oidc?: OidcSettings | null;
  /** Whose word counts on where a request comes from; nobody's if left out, and that is whoever has connected. */
  readonly trustedProxies?: TrustedProxies | null;
  /** The usual ones if left out. */
  readonly limits?: Limits;
  /** Whether queries that one statement answers are answered by its text; they are if left out. */
  readonly fastPath?: boolean;
  /** No operation is listed if left out, and any is taken. */
  readonly persisted?: PersistedSettings;
  /** Whose pages may call, beside our own. */
  readonly corsOrigins?: readonly string[];
  /** With callers that take nothing; the usual one if left out. */
  readonly patience?: Patience;
}

const NOTHING_LISTED: PersistedSettings = { operations: new Map(), only: "false" };

/**
 * Everything that is reached over HTTP: `/graphql`, `/playground`, `/report`, `/report.csv`, `/targets/<id>/webhook`,
 * `/apple/notifications/<id>`, `/health/…`. The caller listens and closes; closing waits for requests under way, ends
 * subscriptions and cuts idle connections.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { core, changes, schema, adminApiKey, oidc = null } = options;
  const {
    limits = DEFAULT_LIMITS,
    persisted = NOTHING_LISTED,
    corsOrigins = [],
    fastPath = true,
    patience = PATIENCE,
  } = options;
  const trustProxy = trustOf(options.trustedProxies ?? null);
  const formatError = (formatted: GraphQLFormattedError, error: unknown) =>
    formatForCaller(formatted, error, core.log, () => core.clock.uuid());
  const http = fastify({
    loggerInstance: core.log as FastifyBaseLogger,
    trustProxy,
    genReqId: () => core.clock.uuid(),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: "idle",
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: patience.answerMs,
    // Node swaps the two if the headers had longer than the whole.
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
  });
  cutUntaken(http);
  cutUnused(http);
  http.setErrorHandler<Error>((error, _request, reply) =>
    answerError(error, reply, (cause) => formatError({ message: cause.message }, cause)),
  );
  addUnknownAddress(http);
  http.addHook("onSend", (request, reply, _payload, done) => {
    reply.header("x-request-id", request.id);
    // Kept for another request, its connection would keep the server from closing for more than a minute.
    if (!http.server.listening) reply.header("connection", "close");
    done();
  });
  addSecurityHeaders(http);
  await addCors(http, corsOrigins);
  addHealthRoutes(http, core);
  addPlaygroundRoute(http);
  addReportRoute(http);
  const furtherPage = randomUUID();
  addReportCsvRoute(http, core, { pageSize: limits.pageSize, furtherPage });
  await addWebhookRoute(http, core);
  await addNotificationRoute(http, core);
  const authenticator = createAuthenticator({ core, changes, adminApiKey, oidc });
  http.addHook("onClose", () => authenticator.close());
  await addGraphqlRoute(http, {
    core,
    changes,
    schema,
    authenticator,
    trustProxy,
    limits,
    persisted,
    fastPath,
    furtherPage,
    formatError,
    patience,
  });
  return http;
}

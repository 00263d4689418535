import { answerBatch } from "./batch.js";
import type { Answer } from "./protocol/answer.js";
import { answerError } from "./protocol/answer-error.js";
import { badRequest, GraphError } from "./protocol/graph-error.js";
import type { GraphRequest } from "./protocol/graph-request.js";
import type { RateLimit } from "./rate-limit.js";
import { type Route, routes } from "./routes.js";

/** Does what a request below a version asks for; what it refuses is an answer, too. */
export function handleRequest(request: GraphRequest, rate: RateLimit): Answer {
  try {
    authenticate(request);
    if (request.path === "/$batch") return answerBatch(request, rate);
    return dispatch(request, rate);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return answerError(
      error,
      request.path,
      request.headers["client-request-id"] ?? request.world.random.uuid(),
      request.world.switches,
    );
  }
}

/** A part of a batch, whose bearer was checked with the whole. */
export function handlePart(request: GraphRequest, rate: RateLimit): Answer {
  try {
    return dispatch(request, rate);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return answerError(error, request.path, request.world.random.uuid(), request.world.switches);
  }
}

function authenticate({ world, headers }: GraphRequest): void {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  if (token === undefined || !world.accessTokens.isValid(token)) {
    throw new GraphError(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
  }
}

function dispatch(request: GraphRequest, rate: RateLimit): Answer {
  const { world, method, path, version } = request;
  if (world.switches.enforceRate) rate.check(method, path);
  const atPath = routes.filter((route) => route.path.test(path));
  if (atPath.length === 0 || (version === "v1.0" && atPath.every(({ betaOnly }) => betaOnly))) {
    throw badRequest(`Resource not found for the segment '${path.split("/").at(-1)}'.`);
  }
  const route = atPath.find((candidate) => candidate.method === method);
  if (!route) throw new GraphError(405, "MethodNotAllowed", `The method ${method} is not allowed here.`);
  requirePermission(request, route);
  const parts = (route.path.exec(path) ?? []).slice(1);
  return route.handle({ ...request, parts });
}

function requirePermission({ world, path }: GraphRequest, { permissions }: Route): void {
  const isIntune = /^\/(deviceManagement|deviceAppManagement)\//.test(path);
  if (isIntune && !world.intuneLicensed) {
    throw new GraphError(403, "Forbidden", "Request not applicable to target tenant.");
  }
  if (permissions.some((permission) => world.registration.permissions.has(permission))) return;
  if (!isIntune)
    throw new GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  throw new GraphError(
    403,
    "Forbidden",
    `Application is not authorized to perform this operation. Application must have one of the following scopes: ${permissions.join(", ")}`,
  );
}

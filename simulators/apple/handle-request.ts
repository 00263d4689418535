import { type Answer, acceptedAnswer, jsonAnswer, refusedAnswer } from "./answer.js";
import { authenticate, requirePermission } from "./authenticate.js";
import { LOOKUP_PATH, lookUpContent } from "./endpoints/content-metadata.js";
import { serviceConfig } from "./endpoints/service-config.js";
import { ServiceError } from "./errors.js";
import type { RequestRate } from "./request-rate.js";
import { BASE_PATH, routes, SERVICE_CONFIG_PATH } from "./routes.js";
import type { World } from "./world.js";

export interface ReceivedRequest {
  method: string;
  /** Under the v2 root for its calls, otherwise as it came. */
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  contentType: string | undefined;
  bodyText: string;
}

/** Does what the request asks for and answers it; unexpected failures are thrown. */
export async function handleRequest(
  world: World,
  origin: string,
  rate: RequestRate,
  request: ReceivedRequest,
): Promise<Answer> {
  try {
    return await dispatch(world, origin, rate, request);
  } catch (error) {
    if (error instanceof ServiceError) return refusedAnswer(error, world.switches);
    throw error;
  }
}

async function dispatch(world: World, origin: string, rate: RequestRate, request: ReceivedRequest): Promise<Answer> {
  const { method, path, query } = request;
  if (path === LOOKUP_PATH) return lookUpContent(world, query);
  if (path === SERVICE_CONFIG_PATH) {
    if (method !== "GET") throw new ServiceError(9726);
    return jsonAnswer(200, serviceConfig(origin, `${origin}${BASE_PATH}`, world.switches.limits));
  }
  const endpoints = routes.get(path);
  if (endpoints === undefined) return jsonAnswer(404, { message: "There is nothing at this address." });

  const { location, token } = authenticate(world, request.authorization);
  if (world.switches.enforceRate) rate.check(location, world.switches.limits.maxRequestPerSecond);
  const endpoint = method === "GET" || method === "POST" ? endpoints[method] : undefined;
  if (endpoint === undefined) throw new ServiceError(9726);
  requirePermission(world, token, method, path);
  const body = method === "POST" ? readJsonObject(request) : {};
  const answer = await endpoint({ world, location, query, body });
  return acceptedAnswer(location, token, world.switches, path, answer);
}

function readJsonObject({ contentType, bodyText }: ReceivedRequest): Record<string, unknown> {
  if (!/^application\/json\b/i.test(contentType ?? "")) throw new ServiceError(9727);
  let value: unknown;
  try {
    value = JSON.parse(bodyText);
  } catch {
    throw new ServiceError(9602);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ServiceError(9602);
  return value as Record<string, unknown>;
}

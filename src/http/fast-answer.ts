import type { FastifyReply, FastifyRequest } from "fastify";
import type { Deadline } from "../queries/deadline.js";
import type { FastPath } from "../queries/fast-path/fast-path.js";
import type { Access } from "../schema/access.js";

const JSON_TYPE = "application/json; charset=utf-8";
const GRAPHQL_TYPE = "application/graphql-response+json; charset=utf-8";

/** A body that Apollo Server would take as it is. */
interface Body {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
  readonly extensions?: Record<string, unknown> | null;
}

/**
 * The whole answer where one statement gives it; null for all that Apollo Server has to answer.
 * Which it was, and why, is told to who asks for it by `extensions: { fastPath: true }`.
 */
export async function fastAnswer(
  fastPath: FastPath<Access>,
  request: FastifyRequest,
  reply: FastifyReply,
  reasons: WeakMap<Deadline, string>,
): Promise<string | null> {
  const { body } = request;
  const type = contentTypeFor(request.headers.accept);
  if (request.method !== "POST" || type === null || !isBody(body)) return null;
  const answer = await fastPath.answer({
    query: body.query,
    operationName: body.operationName ?? null,
    variables: body.variables ?? {},
    access: request.session.access,
    deadline: request.deadline,
  });
  const isTold = asksForFastPath(body.extensions);
  if (answer.text === null) {
    if (isTold) reasons.set(request.deadline, answer.reason);
    return null;
  }
  reply.header("content-type", type);
  return isTold ? answer.text.replace(/}\n$/, ',"extensions":{"fastPath":{"served":true}}}\n') : answer.text;
}

/** As Apollo Server chooses it; null where that takes weighing. */
function contentTypeFor(accept: string | undefined): string | null {
  if (accept === undefined || accept === "*/*" || accept === "application/json") return JSON_TYPE;
  if (accept.includes(";")) return null;
  const types = accept.split(",").map((type) => type.trim());
  const first = types.find((type) => type === "application/json" || type === "application/graphql-response+json");
  if (first) return first === "application/json" ? JSON_TYPE : GRAPHQL_TYPE;
  return types.includes("*/*") || types.includes("application/*") ? JSON_TYPE : null;
}

/** What is sent along with its hash, or by its hash alone, is Apollo Server's matter. */
function isBody(body: unknown): body is Body {
  if (!isObject(body)) return false;
  const { query, operationName = null, variables = null, extensions = null } = body;
  return (
    typeof query === "string" &&
    (operationName === null || typeof operationName === "string") &&
    (variables === null || isObject(variables)) &&
    (extensions === null || (isObject(extensions) && extensions.persistedQuery === undefined))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a request wants to know. */
export function asksForFastPath(extensions: Body["extensions"]): boolean {
  return extensions?.fastPath === true;
}

import type { FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLFormattedError } from "graphql";
import { AppError, type ErrorCode } from "../errors.js";
import { overLimit } from "./limits/over-limit.js";

const BODY = "bodyBytes";

const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 400,
  PRECONDITION_FAILED: 412,
  TARGET_UNAVAILABLE: 503,
  APPLE_UNAVAILABLE: 503,
};

type Format = (error: Error) => GraphQLFormattedError;

/** fastify's own errors say which HTTP status they mean. */
type HttpError = Error & { readonly statusCode?: number | undefined };

/** Answers an error outside GraphQL in GraphQL's own form, so that a client needs to know only one. */
export function answerError(error: HttpError, reply: FastifyReply, format: Format): void {
  const known = toAppError(error, reply.request);
  const formatted = format(known ?? error);
  const status = known ? (ownStatusOf(error) ?? statusOf(known)) : 500;
  if (status === 401) reply.header("www-authenticate", "Bearer");
  if (status === 429) reply.header("retry-after", secondsUntil(known?.details.retryAt));
  void reply.code(status).send({ errors: [formatted] });
}

/** A limit that passes is another than one of the request, and one of its size is HTTP's own. */
function statusOf({ code, details }: AppError): number {
  if (code === "LIMIT_EXCEEDED" && details.retryAt !== undefined) return 429;
  if (code === "LIMIT_EXCEEDED" && details.kind === BODY) return 413;
  return STATUS[code] ?? 500;
}

/** The methods and the types of bodies that HTTP refuses have numbers of their own. */
function ownStatusOf({ statusCode = 500 }: HttpError): number | null {
  return statusCode < 500 ? statusCode : null;
}

function secondsUntil(moment: unknown): number {
  return Math.max(1, Math.ceil((Date.parse(String(moment)) - Date.now()) / 1_000));
}

/** What fastify refuses is the caller's fault when it says so. */
function toAppError(error: HttpError, { headers, routeOptions }: FastifyRequest): AppError | null {
  if (error instanceof AppError) return error;
  if (error.statusCode === 413) {
    const limit = routeOptions.bodyLimit;
    const asked = Number(headers["content-length"] ?? Number.NaN);
    return overLimit(BODY, limit, Number.isNaN(asked) ? null : asked, `Send at most ${limit} bytes at once.`);
  }
  if (error.statusCode === 415) {
    return new AppError("INVALID_INPUT", "Send JSON, and the header `content-type: application/json`.");
  }
  if (ownStatusOf(error) !== null) return new AppError("INVALID_INPUT", error.message);
  return null;
}

import { GraphQLError } from "graphql";
import { AppError } from "../../errors.js";
import type { Limits } from "./limits.js";

/**
 * What is told of a request that asks for too much.
 * @param kind which limit.
 * @param asked null where nobody has counted to the end.
 */
export function overLimit(kind: keyof Limits, limit: number, asked: number | null, advice: string): AppError {
  return new AppError("LIMIT_EXCEEDED", advice, { kind, limit, ...(asked !== null && { asked }) });
}

/** The same where GraphQL's own errors are expected; a request's fault, so 400 over HTTP. */
export function toRequestError(refusal: AppError): GraphQLError {
  return new GraphQLError(refusal.message, { originalError: refusal, extensions: { http: { status: 400 } } });
}

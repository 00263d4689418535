import { ApolloServerErrorCode } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { AppError, ERROR_CODES, type ErrorDetails } from "../errors.js";
import { withoutValues } from "./without-values.js";

/** Where errors that nobody foresaw are written down, without the values that a database's error carries along. */
export interface ErrorLog {
  error(details: Record<string, unknown>, message: string): void;
}

/** What is wrong with a request before any resolver has seen it; graphql-js' own words are for the caller. */
const REQUEST_FAULTS: readonly unknown[] = [
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.BAD_USER_INPUT,
  ApolloServerErrorCode.BAD_REQUEST,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_FOUND,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
];

/**
 * What a caller sees of an error: our codes only, and nothing of what is inside the service.
 * @param newId makes the id under which a masked error is logged
 */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  log: ErrorLog,
  newId: () => string,
): GraphQLFormattedError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (cause instanceof AppError) return answer(formatted, cause.message, cause.code, cause.details);
  if (cause instanceof GraphQLError && (REQUEST_FAULTS.includes(formatted.extensions?.code) || isCallersFault(cause))) {
    return answer(formatted, withoutValues(formatted.message), "INVALID_INPUT", {});
  }
  const errorId = newId();
  log.error({ errorId, path: formatted.path, error: cause }, "a request failed for a reason nobody foresaw");
  const message = `Something went wrong inside the service. Its log says what, under ${errorId}.`;
  return answer(formatted, message, "INTERNAL", { errorId });
}

/** Apollo Server gives some of its refusals no code, but each a status. */
function isCallersFault({ extensions }: GraphQLError): boolean {
  const { status = 500 } = (extensions.http ?? {}) as { readonly status?: number };
  return status >= 400 && status < 500;
}

function answer(
  { locations, path }: GraphQLFormattedError,
  message: string,
  code: AppError["code"],
  details: ErrorDetails,
): GraphQLFormattedError {
  return {
    message,
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { code, retryable: ERROR_CODES[code].retryable, details },
  };
}

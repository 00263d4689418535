import { ApolloServerErrorCode } from "@apollo/server/errors";
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from "graphql";
import { AppError } from "../errors.js";
import type { Access } from "../schema/access.js";
import { MOST_FAULTS } from "./limits/document-rules.js";
import { refuseLongDocument } from "./limits/document-tokens.js";
import type { Limits } from "./limits/limits.js";
import { refuseLongLists } from "./limits/list-lengths.js";
import { toRequestError } from "./limits/over-limit.js";
import type { CheckCost } from "./limits/query-cost.js";
import type { PersistedOperations } from "./persisted/persisted-operations.js";

export const EVENT_STREAM = "text/event-stream";

/** A request for a subscription, as it comes over a WebSocket or by POST. */
export interface SubscriptionRequest {
  readonly query?: unknown;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
}

/** What subscriptions are read by, whatever way they come in. */
export interface SubscriptionRules {
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  readonly documentRules: readonly ValidationRule[];
  readonly checkCost: CheckCost;
  readonly persisted: PersistedOperations;
}

export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Whether a request's body holds a subscription, or nothing that says so in a request for events alone; false for what cannot be understood. */
export function asksToSubscribe(body: unknown, accept: string | undefined): body is SubscriptionRequest {
  const { query, operationName, extensions } = (body ?? {}) as SubscriptionRequest;
  if (query === undefined) return extensions !== undefined && accept === EVENT_STREAM;
  // Nothing is parsed twice but what is likely one.
  if (typeof query !== "string" || !query.includes("subscription")) return false;
  try {
    return isSubscription(parse(query), operationName);
  } catch {
    return false;
  }
}

/** What is to be executed for this caller, or what is wrong with the request. */
export function readSubscription(
  rules: SubscriptionRules,
  access: Access,
  request: SubscriptionRequest,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    return readWithinLimits(rules, access, rules.persisted.complete(request));
  } catch (error) {
    if (error instanceof AppError) return [toRequestError(error)];
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

/** @throws AppError for what is over a limit, or not on the list; GraphQLError for what does not parse. */
function readWithinLimits(
  { schema, limits, documentRules, checkCost, persisted }: SubscriptionRules,
  access: Access,
  request: SubscriptionRequest,
): ExecutionArgs | readonly GraphQLError[] {
  const { query, operationName, variables } = request;
  persisted.refuseUnlisted(access, query);
  persisted.checkHash(request);
  if (typeof query !== "string") return [new GraphQLError("Send the subscription as text in `query`.")];
  refuseLongDocument(query, limits.documentTokens);
  refuseLongLists(variables, limits.listLength);
  const document = parse(query);
  const faults = validate(schema, document, [...specifiedRules, ...documentRules], { maxErrors: MOST_FAULTS });
  if (faults.length > 0) return faults;
  if (!isSubscription(document, operationName)) {
    return [new GraphQLError("Only subscriptions are answered here. Send queries and mutations by POST as JSON.")];
  }
  checkCost({ document, operationName, variables });
  return { schema, document, operationName: operationName ?? null, variableValues: variables ?? null };
}

function isSubscription(document: DocumentNode, operationName: string | null | undefined): boolean {
  return getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
}

/** graphql-js' own, or graphql-ws's, which names what is absent. */
type Result = { readonly [Part in "data" | "errors"]?: ExecutionResult[Part] | undefined };

/** An answer as the caller may see it. */
export function formatResult({ data, errors }: Result, format: FormatError): FormattedExecutionResult {
  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors: formatErrors(errors, format) }),
  };
}

/** An error without a path is about the request: no resolver had begun, and graphql-js' own words are for the caller. */
export function formatErrors(errors: readonly GraphQLError[], format: FormatError): GraphQLFormattedError[] {
  const REQUEST_FAULT = { code: ApolloServerErrorCode.BAD_REQUEST };
  return errors.map((error) => format({ ...error.toJSON(), ...(!error.path && { extensions: REQUEST_FAULT }) }, error));
}

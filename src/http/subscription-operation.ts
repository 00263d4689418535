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
  validate,
} from "graphql";

/** A request for a subscription, as it comes over a WebSocket or by POST. */
export interface SubscriptionRequest {
  readonly query?: unknown;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Whether a request's body holds a subscription; false for what cannot be understood. */
export function asksToSubscribe(body: unknown): body is SubscriptionRequest {
  const { query, operationName } = (body ?? {}) as SubscriptionRequest;
  // Nothing is parsed twice but what is likely one.
  if (typeof query !== "string" || !query.includes("subscription")) return false;
  try {
    return isSubscription(parse(query), operationName);
  } catch {
    return false;
  }
}

/** What is to be executed, or what is wrong with the request. */
export function readSubscription(
  schema: GraphQLSchema,
  { query, operationName, variables }: SubscriptionRequest,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    if (typeof query !== "string") return [new GraphQLError("Send the subscription as text in `query`.")];
    const document = parse(query);
    const faults = validate(schema, document);
    if (faults.length > 0) return faults;
    if (!isSubscription(document, operationName)) {
      return [new GraphQLError("Only subscriptions are answered here. Send queries and mutations by POST as JSON.")];
    }
    return { schema, document, operationName: operationName ?? null, variableValues: variables ?? null };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
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

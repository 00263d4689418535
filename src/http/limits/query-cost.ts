import { ApolloServerErrorCode } from "@apollo/server/errors";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  getVariableValues,
  isListType,
  Kind,
  type TypeNode,
} from "graphql";
import {
  type ComplexityEstimator,
  type ComplexityEstimatorArgs,
  fieldExtensionsEstimator,
  getComplexity,
} from "graphql-query-complexity";
import type { AppError } from "../../errors.js";
import { DEFAULT_PAGE } from "../../queries/page-size.js";
import type { Limits } from "./limits.js";
import { overLimit } from "./over-limit.js";

/** An operation that is about to be executed. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * @returns what it costs, of a subscription each event; 0 when the variables do not fit, which the execution says better, and before
 * it does anything.
 * @throws AppError LIMIT_EXCEEDED when it costs too much, has too many fields, or asks for too large a page; GraphQLError for an
 * argument without a value that it needs.
 */
export type CheckCost = (operation: Operation) => number;

const SUBSCRIPTION = "Subscription";
/** Subscriptions that tell of one object alone where they are limited to a token. */
const ONE_A_TOKEN: ReadonlySet<string> = new Set(["syncRunChanged", "tokenHealthChanged"]);
/** What a list is taken to hold that is no connection. */
const ITEMS_OF_A_LIST = 10;
/** About as many values as the schema has. */
const SCHEMA_COST = 25_000;
const TYPE_COST = 500;
/** So many sets of variables are remembered as cheap enough for a document. */
const MOST_KNOWN = 100;

/**
 * Counts what an operation may answer before it is executed: each value is one, and what a list holds counts as often as
 * `first`, `last` or `ids` say; a subscription's event as often as it may begin with one. What was cheap enough is known again
 * by its document and the variables that matter.
 */
export function costCheck(schema: GraphQLSchema, limits: Limits): CheckCost {
  const known = new WeakMap<DocumentNode, Map<string, number>>();
  const estimators = [pageSizeCheck(limits.pageSize), fieldExtensionsEstimator(), estimate];
  return (operation) => {
    const allowed = known.get(operation.document) ?? new Map<string, number>();
    const name = nameOf(operation);
    const before = allowed.get(name);
    if (before !== undefined) return before;
    let events = 1;
    const countEvents: ComplexityEstimator = (asked) => {
      if (asked.type.name === SUBSCRIPTION) events = eventsAtOnce(asked, limits);
    };
    const cost = costOf(schema, operation, [countEvents, ...estimators], limits);
    if (cost === null) return 0;
    if (cost * events > limits.cost) throw tooDear(limits, cost * events);
    if (allowed.size >= MOST_KNOWN) allowed.clear();
    known.set(operation.document, allowed.set(name, cost));
    return cost;
  };
}

/** How many events a subscription may begin with, as far as its arguments tell: all that there are count as a page. */
function eventsAtOnce({ field, args }: ComplexityEstimatorArgs, { pageSize }: Limits): number {
  if (Array.isArray(args.ids)) return Math.max(1, args.ids.length);
  return ONE_A_TOKEN.has(field.name) && typeof args.token === "string" ? 1 : pageSize;
}

/** Null when the variables do not fit. */
function costOf(
  schema: GraphQLSchema,
  operation: Operation,
  estimators: ComplexityEstimator[],
  { fields }: Limits,
): number | null {
  const { document, operationName, variables } = operation;
  try {
    return getComplexity({
      schema,
      query: document,
      estimators,
      maxQueryNodes: fields + 1,
      ...(operationName && { operationName }),
      ...(variables && { variables: { ...variables } }),
    });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // The library names a place for all its errors but this.
    if (!error.nodes) throw tooManyFields(fields);
    if (!variablesFit(schema, operation)) return null;
    // The execution would leave out but the field, and nobody would have counted the others.
    throw new GraphQLError(error.message, {
      nodes: error.nodes,
      extensions: { code: ApolloServerErrorCode.BAD_USER_INPUT, http: { status: 400 } },
    });
  }
}

/** Whether the variables are of the types that the operation wants. */
function variablesFit(schema: GraphQLSchema, { document, operationName, variables }: Operation): boolean {
  const operation = getOperationAST(document, operationName);
  const { errors } = getVariableValues(schema, operation?.variableDefinitions ?? [], variables ?? {});
  return errors === undefined;
}

function tooManyFields(limit: number): AppError {
  const advice = "This operation has too many fields. Ask for each once, and for the rest by another operation.";
  return overLimit("fields", limit, null, advice);
}

function tooDear({ cost: limit }: Limits, cost: number): AppError {
  return overLimit(
    "cost",
    limit,
    cost,
    "This operation may answer too much. Ask for smaller pages, for fewer lists inside lists, or follow some objects by their ids.",
  );
}

function pageSizeCheck(limit: number): ComplexityEstimator {
  return ({ args }: ComplexityEstimatorArgs) => {
    for (const size of [args.first, args.last]) {
      if (typeof size === "number" && size > limit) {
        throw overLimit("pageSize", limit, size, `Ask for at most ${limit} at a time.`);
      }
    }
  };
}

function estimate({ type, field, args, childComplexity }: ComplexityEstimatorArgs): number {
  if (field.name === "__schema") return SCHEMA_COST;
  if (field.name === "__type") return TYPE_COST;
  return 1 + childComplexity * itemsOf(type.name, field, args);
}

function itemsOf(type: string, field: ComplexityEstimatorArgs["field"], args: ComplexityEstimatorArgs["args"]): number {
  // Whatever it is about, it tells one object an event.
  if (type === SUBSCRIPTION) return 1;
  if (field.args.some(({ name }) => name === "first")) return Math.max(0, args.first ?? args.last ?? DEFAULT_PAGE);
  if (Array.isArray(args.ids)) return args.ids.length;
  // What a connection holds was counted with the connection.
  return isListType(getNullableType(field.type)) && !type.endsWith("Connection") ? ITEMS_OF_A_LIST : 1;
}

/** Names what the cost depends on: numbers, switches, moments, how long lists are, and which variables are left out. */
function nameOf({ document, operationName, variables }: Operation): string {
  const parts: unknown[] = [operationName ?? null];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, type } of definition.variableDefinitions ?? []) {
      const value = variables?.[variable.name.value];
      // A variable that is left out has its default, and null has not.
      if (value === undefined) parts.push("default");
      else if (value === null) parts.push(null);
      else if (Array.isArray(value)) parts.push([value.length]);
      else parts.push(COUNTING_TYPES.has(typeName(type)) ? { value } : "one");
    }
  }
  return JSON.stringify(parts);
}

const COUNTING_TYPES: ReadonlySet<string> = new Set(["Int", "Boolean", "DateTime"]);

function typeName(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : typeName(type.type);
}

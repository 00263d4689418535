import { z } from "zod";
import { oneOf, origins, text, wholeNumber } from "./config-values.js";
import { DEFAULT_LIMITS, type Limits } from "./http/limits/limits.js";

/** A page that nobody has given a size must fit, and no list reads more at once. */
const PAGE_SIZES = [50, 500] as const;

/** The variables that bound what one request, and one caller, may ask for. */
export const limitVariables = {
  LIMIT_DEPTH: wholeNumber(1, 100).default(DEFAULT_LIMITS.depth),
  LIMIT_COST: wholeNumber(1, 1_000_000_000).default(DEFAULT_LIMITS.cost),
  LIMIT_ALIASES: wholeNumber(0, 1_000).default(DEFAULT_LIMITS.aliases),
  LIMIT_DIRECTIVES: wholeNumber(0, 1_000).default(DEFAULT_LIMITS.directives),
  LIMIT_FIELDS: wholeNumber(1, 10_000).default(DEFAULT_LIMITS.fields),
  LIMIT_DOCUMENT_TOKENS: wholeNumber(1, 100_000).default(DEFAULT_LIMITS.documentTokens),
  LIMIT_BODY_BYTES: wholeNumber(1_024, 100 * 1024 * 1024).default(DEFAULT_LIMITS.bodyBytes),
  LIMIT_PAGE_SIZE: wholeNumber(...PAGE_SIZES).default(DEFAULT_LIMITS.pageSize),
  LIMIT_LIST_LENGTH: wholeNumber(1, 1_000_000).default(DEFAULT_LIMITS.listLength),
  LIMIT_QUERY_MS: wholeNumber(1, 3_600_000).default(DEFAULT_LIMITS.queryMs),
  LIMIT_REQUESTS_PER_MINUTE: wholeNumber(0, 1_000_000_000).default(DEFAULT_LIMITS.requestsPerMinute ?? 0),
  LIMIT_OPEN_SUBSCRIPTIONS: wholeNumber(0, 1_000_000).default(DEFAULT_LIMITS.openSubscriptions ?? 0),
  PERSISTED_OPERATIONS: text().optional(),
  PERSISTED_ONLY: oneOf(["false", "true", "except-admin"]).default("false"),
  CORS_ORIGINS: origins().default([]),
};

const variables = z.object(limitVariables);

export function toLimits(values: z.output<typeof variables>): Limits {
  return {
    depth: values.LIMIT_DEPTH,
    cost: values.LIMIT_COST,
    aliases: values.LIMIT_ALIASES,
    directives: values.LIMIT_DIRECTIVES,
    fields: values.LIMIT_FIELDS,
    documentTokens: values.LIMIT_DOCUMENT_TOKENS,
    bodyBytes: values.LIMIT_BODY_BYTES,
    pageSize: values.LIMIT_PAGE_SIZE,
    listLength: values.LIMIT_LIST_LENGTH,
    queryMs: values.LIMIT_QUERY_MS,
    requestsPerMinute: values.LIMIT_REQUESTS_PER_MINUTE || null,
    openSubscriptions: values.LIMIT_OPEN_SUBSCRIPTIONS || null,
  };
}

import type { GraphQLSchema } from "graphql";
import { buildSchemaSync, type NonEmptyArray, type PubSub } from "type-graphql";
import { applyAccessRules } from "./access.js";
import { scalarsMap } from "./scalars.js";

/** type-graphql demands one as soon as there is a subscription; each of ours brings its own source. */
const NO_PUB_SUB: PubSub = { publish: refuseTopics, subscribe: refuseTopics };

/**
 * The whole GraphQL schema that these resolvers answer, to whom may ask.
 * @throws Error for a query, mutation or subscription that does not say who may.
 */
export function buildSchema(resolvers: NonEmptyArray<new () => object>): GraphQLSchema {
  const schema = buildSchemaSync({ resolvers, scalarsMap, validate: false, pubSub: NO_PUB_SUB });
  applyAccessRules(schema);
  return schema;
}

function refuseTopics(): never {
  throw new Error("A subscription here names its source, not topics");
}

import type { GraphQLSchema } from "graphql";
import { buildSchemaSync, type NonEmptyArray } from "type-graphql";
import { scalarsMap } from "./scalars.js";

/** The whole GraphQL schema that these resolvers answer. */
export function buildSchema(resolvers: NonEmptyArray<new () => object>): GraphQLSchema {
  return buildSchemaSync({ resolvers, scalarsMap, validate: false });
}

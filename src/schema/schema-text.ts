import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";

/** The schema as it is committed in `schema.graphql`: sorted, so that a change shows as what it is. */
export function schemaText(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

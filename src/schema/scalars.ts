import { GraphQLDateTime } from "graphql-scalars";
import type { BuildSchemaOptions } from "type-graphql";

/** Which scalar stands for which class of values. */
export const scalarsMap: NonNullable<BuildSchemaOptions["scalarsMap"]> = [{ type: Date, scalar: GraphQLDateTime }];

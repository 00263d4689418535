import type { FieldNode, GraphQLField, GraphQLObjectType } from "graphql";
import type { Compilation } from "./compilation.js";
import type { Json } from "./json-text.js";

/** A field where it is asked for. */
export interface Place {
  readonly compilation: Compilation;
  /** The object's. */
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  /** All that ask for it under one name. */
  readonly nodes: readonly FieldNode[];
  /** The alias of the row that the object is, or is a part of; of what JSON holds, SQL of that. */
  readonly row: string;
}

/** How a field's JSON text comes about. @throws Unserved. */
export type FieldJson = (place: Place) => Json;

/** How the objects of a GraphQL type are read. */
export interface Shape {
  /** Whose rows they are: scalars and enums that are named like its properties are read from their columns. */
  readonly entity?: EntityClass;
  /** They are parts of a JSON column: what has no field here is a property there. */
  readonly inJson?: true;
  /** What is not read so. */
  readonly fields?: Readonly<Record<string, FieldJson>>;
}

// biome-ignore lint/complexity/noBannedTypes: TypeORM names entities by their classes.
type EntityClass = (new () => object) & Function;

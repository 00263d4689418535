import { type GraphQLInputType, isInputObjectType, isListType, isNonNullType, isScalarType } from "graphql";
import { GraphQLJSONObject } from "graphql-scalars";

/** What stands in a secret's place. */
const MASK = "***";

/** Longer texts and lists are cut: an audit event says what was asked for, and is no copy of it. */
const LONGEST_TEXT = 500;
const MOST_ITEMS = 100;

/** JSON without secrets. */
export type KeptInput =
  | null
  | string
  | number
  | boolean
  | readonly KeptInput[]
  | { readonly [name: string]: KeptInput };

/**
 * An input as it may be kept: secret fields masked, of JSON objects (settings) the names alone, and what is long cut.
 * @param value as graphql-js has read it by its type.
 */
export function keptInput(type: GraphQLInputType, value: unknown): KeptInput {
  if (isNonNullType(type)) return keptInput(type.ofType, value);
  if (value === null || value === undefined) return null;
  if (isListType(type)) return keptList(type.ofType, value as readonly unknown[]);
  if (isInputObjectType(type)) {
    const given = value as Readonly<Record<string, unknown>>;
    const kept = Object.values(type.getFields()).flatMap((field): [string, KeptInput][] => {
      if (given[field.name] === undefined) return [];
      return [[field.name, field.extensions.secret === true ? MASK : keptInput(field.type, given[field.name])]];
    });
    return Object.fromEntries(kept);
  }
  if (isScalarType(type) && type.name === GraphQLJSONObject.name) {
    return Object.fromEntries(
      Object.keys(value)
        .slice(0, MOST_ITEMS)
        .map((name) => [keptText(name), MASK]),
    );
  }
  return keptLeaf(value);
}

function keptList(type: GraphQLInputType, items: readonly unknown[]): readonly KeptInput[] {
  const kept = items.slice(0, MOST_ITEMS).map((item) => keptInput(type, item));
  return items.length > MOST_ITEMS ? [...kept, `… and ${items.length - MOST_ITEMS} more`] : kept;
}

function keptLeaf(value: unknown): KeptInput {
  if (typeof value === "number" || typeof value === "boolean") return value;
  return keptText(value instanceof Date ? value.toISOString() : String(value));
}

/** As PostgreSQL can store it: without U+0000, and without half a character. */
export function keptText(text: string): string {
  const storable = text
    .replaceAll("\0", "")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
  return storable.length > LONGEST_TEXT ? `${storable.slice(0, LONGEST_TEXT)}…` : storable;
}

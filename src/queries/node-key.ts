import { decodeGlobalId } from "../entities/global-id.js";
import { type Node, TokenScopedNode } from "../entities/node.js";
import { AppError } from "../errors.js";
import { ID_KEY, TOKEN_SCOPED_KEY } from "./columns.js";
import type { Column } from "./list.js";

/** A class of rows with a global id. */
export type NodeClass<Row extends Node = Node> = (new () => Row) & { readonly name: string };

/** The parts of a row's primary key, in its order. */
export type NodeKey = readonly string[];

/** The primary key of a class of rows. */
export function keyColumns(node: NodeClass): readonly Column[] {
  return node.prototype instanceof TokenScopedNode ? TOKEN_SCOPED_KEY : ID_KEY;
}

/** The primary key of one row. */
export function keyOf(node: Node): NodeKey {
  return node instanceof TokenScopedNode ? [node.tokenId, node.id] : [node.id];
}

/** The primary key in a global id; null when there cannot be such a row. */
export function decodeNodeKey(node: NodeClass, globalId: string): NodeKey | null {
  const key = decodeGlobalId(globalId);
  const columns = keyColumns(node);
  if (!key || key.type !== node.name || key.parts.length !== columns.length) return null;
  return columns.every((column, at) => fits(column, key.parts[at])) ? key.parts : null;
}

/**
 * The primary key in a global id of that type.
 * @throws AppError NOT_FOUND when there cannot be such a row.
 */
export function requireNodeKey(node: NodeClass, globalId: string): NodeKey {
  return decodeNodeKey(node, globalId) ?? missing(node, globalId);
}

/** The same for a type whose primary key is one id. */
export function requireId(node: NodeClass, globalId: string): string {
  return requireNodeKey(node, globalId)[0] ?? missing(node, globalId);
}

/** The same for a type that belongs to a token. */
export function requireTokenScopedKey(
  node: NodeClass<TokenScopedNode>,
  globalId: string,
): { tokenId: string; id: string } {
  const [tokenId, id] = requireNodeKey(node, globalId);
  return tokenId && id ? { tokenId, id } : missing(node, globalId);
}

/** @throws AppError NOT_FOUND, always. */
export function missing(node: NodeClass, globalId: string): never {
  throw new AppError("NOT_FOUND", `There is no ${node.name} with this id. Use an id that the API returned.`, {
    type: node.name,
    id: globalId,
  });
}

const LARGEST_BIGINT = 2n ** 63n - 1n;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function fits(column: Column, part: string | undefined): boolean {
  if (part === undefined) return false;
  if (column.type === "uuid") return UUID.test(part);
  return /^[0-9]{1,19}$/.test(part) && BigInt(part) <= LARGEST_BIGINT;
}

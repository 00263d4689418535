import { AppError } from "../errors.js";

/** A decoded global id: the GraphQL type and the parts of the primary key, in its order. */
export interface GlobalKey {
  readonly type: string;
  readonly parts: readonly [string, ...string[]];
}

/** Global ids are opaque to clients; those of token-scoped types carry the token's id too, so that work spreads by token. */
export function encodeGlobalId(type: string, ...parts: [string, ...string[]]): string {
  return Buffer.from([type, ...parts].join(":")).toString("base64url");
}

const NUMBER = /^[1-9][0-9]{0,18}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Decodes any global id; null when the text was never one of ours. */
export function decodeGlobalId(globalId: string): GlobalKey | null {
  const [type, ...parts] = Buffer.from(globalId, "base64url").toString("utf8").split(":");
  const [first, ...rest] = parts;
  if (!type || first === undefined || rest.length > 1) return null;
  if (!parts.every((part) => UUID.test(part) || NUMBER.test(part))) return null;
  return { type, parts: [first, ...rest] };
}

/**
 * Decodes the global id of one expected type into its key parts.
 * @throws AppError NOT_FOUND when it is not an id of that type.
 */
export function requireGlobalId(type: string, globalId: string): readonly [string, ...string[]] {
  const key = decodeGlobalId(globalId);
  if (!key || key.type !== type) {
    throw new AppError("NOT_FOUND", `There is no ${type} with the id "${globalId}". Use an id that the API returned.`, {
      id: globalId,
      type,
    });
  }
  return key.parts;
}

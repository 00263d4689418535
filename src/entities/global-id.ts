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

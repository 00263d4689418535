import { appleDate } from "./apple-date.js";

/** `readOnly` is what an account without the right to manage downloads, `legacy` one from before there were locations. */
export type TokenKind = "full" | "readOnly" | "legacy";

/** One downloaded token of a location. */
export interface ContentToken {
  /** The token file's text: what callers send as their bearer token, verbatim. */
  readonly text: string;
  /** Who downloaded it. */
  readonly account: string;
  kind: TokenKind;
  /** Can be moved by the control plane; the date inside the text stays as it was downloaded. */
  expiresAt: Date;
  /** From when on it is refused; may lie ahead. */
  revokedAt: Date | undefined;
}

/** @param secret 66 bytes, shown as 88 characters of base64 inside the file. */
export function createContentToken(
  secret: Buffer,
  organizationName: string,
  token: Pick<ContentToken, "account" | "kind" | "expiresAt">,
): ContentToken {
  const expDate = appleDate(token.expiresAt);
  const content = { expDate, token: secret.toString("base64"), orgName: organizationName };
  return { ...token, text: Buffer.from(JSON.stringify(content)).toString("base64"), revokedAt: undefined };
}

export function isRevoked({ revokedAt }: ContentToken): boolean {
  return revokedAt !== undefined && revokedAt.getTime() <= Date.now();
}

/** The token is refused from then on, or from earlier if that was planned. */
export function revokeToken(token: ContentToken, at: Date): void {
  if (token.revokedAt === undefined || token.revokedAt > at) token.revokedAt = at;
}

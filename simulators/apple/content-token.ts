import { appleDate } from "./apple-date.js";

/** One downloaded token of a location. */
export interface ContentToken {
  /** The token file's text: what callers send as their bearer token, verbatim. */
  readonly text: string;
  /** Can be moved by the control plane; the date inside the text stays as it was downloaded. */
  expiresAt: Date;
  revoked: boolean;
}

/** @param secret 66 bytes, shown as 88 characters of base64 inside the file. */
export function createContentToken(secret: Buffer, organizationName: string, expiresAt: Date): ContentToken {
  const content = { expDate: appleDate(expiresAt), token: secret.toString("base64"), orgName: organizationName };
  return { text: Buffer.from(JSON.stringify(content)).toString("base64"), expiresAt, revoked: false };
}

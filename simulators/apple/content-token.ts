import { appleDate } from "./apple-date.js";

/** `readOnly` is what an account without the right to manage downloads, `legacy` one from before there were locations. */
export type TokenKind = "full" | "readOnly" | "legacy";

/** One downloaded token of a location. */
export class ContentToken {
  /** The token file's text: what callers send as their bearer token, verbatim. */
  readonly text: string;
  /** From when on it is refused; may lie ahead. */
  revokedAt: Date | undefined;

  /**
   * @param secret 66 bytes, shown as 88 characters of base64 inside the file.
   * @param account who downloads it.
   * @param expiresAt can be moved by the control plane; the date inside the text stays as it was downloaded.
   */
  constructor(
    secret: Buffer,
    organizationName: string,
    readonly account: string,
    public kind: TokenKind,
    public expiresAt: Date,
  ) {
    const content = { expDate: appleDate(expiresAt), token: secret.toString("base64"), orgName: organizationName };
    this.text = Buffer.from(JSON.stringify(content)).toString("base64");
  }

  get revoked(): boolean {
    return this.revokedAt !== undefined && this.revokedAt.getTime() <= Date.now();
  }

  /** Revokes it now, or takes a revocation back, which Apple never does. */
  set revoked(revoked: boolean) {
    this.revokedAt = revoked ? new Date() : undefined;
  }

  /** It is refused from then on, or from earlier if that was planned. */
  revokeAt(at: Date): void {
    if (this.revokedAt === undefined || this.revokedAt > at) this.revokedAt = at;
  }
}

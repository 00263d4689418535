import { AppError } from "../../errors.js";
import { hashOf, isSameHash } from "../../sync/access/secret-hash.js";
import type { Core } from "../../sync/core.js";
import type { ChangeFeed } from "../../sync/watch/change-feed.js";
import { bearerOf } from "./bearer.js";
import { FailedAttempts } from "./failed-attempts.js";
import { KnownApiKeys } from "./known-api-keys.js";
import type { OidcSettings } from "./oidc-settings.js";
import { OidcTokens } from "./oidc-tokens.js";
import { ROOT_SESSION, type Session } from "./session.js";

/** Finds out who asks. */
export interface Authenticator {
  /**
   * Who sends this `Authorization` header from this address.
   * @throws AppError UNAUTHENTICATED without a key, or with one that is wrong, revoked or expired, which look alike;
   * FORBIDDEN for a genuine token without a role; LIMIT_EXCEEDED with `retryAt` after too many wrong ones.
   */
  authenticate(authorization: string | undefined, address: string): Promise<Session>;
  close(): Promise<void>;
}

export interface AuthenticatorOptions {
  readonly core: Core;
  readonly changes: ChangeFeed;
  /** The key that may everything. */
  readonly adminApiKey: string;
  /** Null: no issuer's tokens are taken. */
  readonly oidc: OidcSettings | null;
}

export function createAuthenticator({ core, changes, adminApiKey, oidc }: AuthenticatorOptions): Authenticator {
  const apiKeys = new KnownApiKeys(core, changes);
  const tokens = oidc && new OidcTokens(core, oidc);
  const attempts = new FailedAttempts();
  const adminHash = hashOf(adminApiKey);
  const find = async (bearer: string, hash: Buffer, name: string): Promise<Session | null> => {
    if (isSameHash(hash, adminHash)) return ROOT_SESSION;
    if (tokens && OidcTokens.looksLikeOne(bearer)) return tokens.find(bearer, name);
    return apiKeys.find(bearer, hash);
  };
  return {
    async authenticate(authorization, address) {
      const bearer = bearerOf(authorization);
      if (bearer === null) throw refusal("Send your key in the header `Authorization: Bearer <key>`.");
      const hash = hashOf(bearer);
      const name = hash.toString("base64");
      const session = await attempts.attempt(
        address,
        name,
        () => find(bearer, hash, name),
        (isBlocked) => core.log.warn({ address, isBlocked }, "Somebody was refused who sent a wrong key"),
      );
      if (session) return session;
      throw refusal("This key or token is not one of this installation, or was revoked, or has expired.");
    },
    close: () => apiKeys.close(),
  };
}

function refusal(sentence: string): AppError {
  return new AppError("UNAUTHENTICATED", sentence);
}

import { AppError } from "../../errors.js";
import type { Core } from "../../sync/core.js";
import type { ChangeFeed } from "../../sync/watch/change-feed.js";
import { bearerOf, sameText } from "./bearer.js";
import { KnownApiKeys } from "./known-api-keys.js";
import { ROOT_SESSION, type Session } from "./session.js";

/** Finds out who asks. */
export interface Authenticator {
  /**
   * Who sends this `Authorization` header.
   * @throws AppError UNAUTHENTICATED without a key, or with one that is wrong, revoked or expired, which look alike.
   */
  authenticate(authorization: string | undefined): Promise<Session>;
  close(): Promise<void>;
}

export interface AuthenticatorOptions {
  readonly core: Core;
  readonly changes: ChangeFeed;
  /** The key that may everything. */
  readonly adminApiKey: string;
}

export function createAuthenticator({ core, changes, adminApiKey }: AuthenticatorOptions): Authenticator {
  const apiKeys = new KnownApiKeys(core, changes);
  return {
    async authenticate(authorization) {
      const bearer = bearerOf(authorization);
      if (bearer === null) throw refusal("Send the API key in the header `Authorization: Bearer <key>`.");
      if (sameText(bearer, adminApiKey)) return ROOT_SESSION;
      const session = await apiKeys.find(bearer);
      if (session) return session;
      throw refusal("This API key is none of this installation, or was revoked, or has expired.");
    },
    close: () => apiKeys.close(),
  };
}

function refusal(sentence: string): AppError {
  return new AppError("UNAUTHENTICATED", sentence);
}

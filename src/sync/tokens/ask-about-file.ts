import { appleAccess } from "../apple/apple-access.js";
import type { ClientConfig } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { refusedToken } from "./refused-token.js";
import type { TokenFile } from "./token-file.js";

/** Apple is asked for so long, in milliseconds of real time, while somebody waits. */
const ASKING_MS = 20_000;

/**
 * What Apple says of a token file that is not stored yet.
 * @throws AppError TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED, TOKEN_READ_ONLY, APPLE_UNAVAILABLE, APPLE_REJECTED.
 */
export async function askAboutFile(core: Core, file: TokenFile): Promise<ClientConfig> {
  try {
    const access = appleAccess(file.fingerprint, file.text);
    return await core.apple.clientConfig(access, AbortSignal.timeout(ASKING_MS));
  } catch (error) {
    throw error instanceof AppleError ? refusedToken(core, error) : error;
  }
}

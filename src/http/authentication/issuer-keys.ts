import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { z } from "zod";

/** All in real time: the issuer is no simulator. */
const ANSWER_WITHIN_MS = 5_000;
const KEPT_MS = 10 * 60_000;
const PAUSE_MS = 30_000;
/** So long an issuer that did not answer is left alone. */
const LEFT_ALONE_MS = 5_000;

const DISCOVERY = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** The issuer's keys cannot be had, so nothing can be said of its tokens. */
export class IssuerAway extends Error {
  override readonly name = "IssuerAway";

  constructor(
    readonly retryAt: Date,
    options: ErrorOptions,
  ) {
    super("The issuer's keys cannot be had", options);
  }
}

/**
 * Finds the issuer's keys: asked for when first needed, kept for ten minutes, and asked for again when a token names an
 * unknown one, twice a minute at most. Rejects with IssuerAway where that fails.
 * @param jwksUrl null: where the issuer's discovery document says.
 */
export function issuerKeys(issuer: string, jwksUrl: string | null): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | null = null;
  let away: IssuerAway | null = null;
  const open = async (): Promise<JWTVerifyGetKey> =>
    createRemoteJWKSet(new URL(jwksUrl ?? (await discover(issuer))), {
      timeoutDuration: ANSWER_WITHIN_MS,
      cacheMaxAge: KEPT_MS,
      cooldownDuration: PAUSE_MS,
    });
  return async (header, token) => {
    if (away && away.retryAt.getTime() > Date.now()) throw away;
    try {
      keys ??= open();
      const found = await (await keys)(header, token);
      away = null;
      return found;
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause;
      if (cause instanceof errors.JOSENotSupported) throw cause;
      if (!(cause instanceof errors.JOSEError)) keys = null;
      away = new IssuerAway(new Date(Date.now() + LEFT_ALONE_MS), { cause });
      throw away;
    }
  };
}

/** OpenID Connect Discovery 1.0, section 4. */
async function discover(issuer: string): Promise<string> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    redirect: "error",
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!response.ok) throw new Error(`The discovery document is answered with ${response.status}`);
  const document = DISCOVERY.parse(await response.json());
  if (document.issuer === issuer) return document.jwks_uri;
  throw new Error("The discovery document is of another issuer");
}

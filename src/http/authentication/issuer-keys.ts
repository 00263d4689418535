import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, type RemoteJWKSet } from "jose";
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
 * unknown one, twice a minute at most. Rejects with IssuerAway where that fails; keys that are kept still serve meanwhile, so
 * that nobody keeps others out by naming an unknown one.
 * @param jwksUrl null: where the issuer's discovery document says.
 */
export function issuerKeys(issuer: string, jwksUrl: string | null): JWTVerifyGetKey {
  let opening: Promise<RemoteJWKSet> | null = null;
  let keys: RemoteJWKSet | null = null;
  let away: IssuerAway | null = null;
  const open = async (): Promise<RemoteJWKSet> => {
    opening ??= openKeys(issuer, jwksUrl).finally(() => {
      opening = null;
    });
    keys = await opening;
    return keys;
  };
  return async (header, token) => {
    if (away && away.retryAt.getTime() > Date.now()) return findKept(keys, away)(header, token);
    try {
      const found = await (keys ?? (await open()))(header, token);
      away = null;
      return found;
    } catch (cause) {
      if (saysOfToken(cause)) throw cause;
      away = new IssuerAway(new Date(Date.now() + LEFT_ALONE_MS), { cause });
      throw away;
    }
  };
}

async function openKeys(issuer: string, jwksUrl: string | null): Promise<RemoteJWKSet> {
  return createRemoteJWKSet(new URL(jwksUrl ?? (await discover(issuer))), {
    timeoutDuration: ANSWER_WITHIN_MS,
    cacheMaxAge: KEPT_MS,
    cooldownDuration: PAUSE_MS,
  });
}

/** Among the keys that are kept, without asking the issuer. */
function findKept(keys: RemoteJWKSet | null, away: IssuerAway): JWTVerifyGetKey {
  const kept = keys?.fresh ? keys.jwks() : undefined;
  if (!kept) throw away;
  const find = createLocalJWKSet(kept);
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (cause) {
      throw cause instanceof errors.JWKSNoMatchingKey ? away : cause;
    }
  };
}

/** Whether the keys are there, and the token is none of theirs. */
function saysOfToken(cause: unknown): boolean {
  return (
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JWKSMultipleMatchingKeys ||
    cause instanceof errors.JOSENotSupported
  );
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

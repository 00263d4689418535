import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { AppError } from "../../errors.js";
import type { Core } from "../../sync/core.js";
import { IssuerAway, issuerKeys } from "./issuer-keys.js";
import type { OidcSettings } from "./oidc-settings.js";
import { readClaims } from "./read-claims.js";
import type { Session } from "./session.js";

/** What only the issuer can sign; nothing that is signed with a shared secret, or not at all. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const CLOCK_TOLERANCE_S = 30;
/** A genuine token is not verified again for so long, in milliseconds of real time; its end is heeded all the same. */
const BELIEVED_MS = 60_000;
const MOST_BELIEVED = 10_000;
/** How often the end of a session is looked for, while somebody waits for it. */
const LOOK_MS = 500;

interface Believed {
  readonly session: Session;
  readonly endsAt: number;
  readonly until: number;
}

/** Tokens (JWT) that an issuer has given to people, by OpenID Connect. */
export class OidcTokens {
  readonly #keys: JWTVerifyGetKey;
  /** By their digest; the oldest first. */
  readonly #believed = new Map<string, Believed>();

  constructor(
    private readonly core: Core,
    private readonly settings: OidcSettings,
  ) {
    this.#keys = issuerKeys(settings.issuer, settings.jwksUrl);
  }

  /** Whether this may be such a token. */
  static looksLikeOne(bearer: string): boolean {
    return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(bearer);
  }

  /**
   * Whom it names; null when it is not genuine, of another issuer, for others, or over.
   * @throws AppError UNAUTHENTICATED with `retryAt` when the issuer cannot be asked; see `readClaims` for the rest.
   */
  async find(bearer: string, digest: string): Promise<Session | null> {
    const now = this.core.clock.now().getTime();
    const believed = this.#believed.get(digest);
    if (believed && believed.endsAt > now && believed.until > performance.now()) return believed.session;
    const { issuer, audience } = this.settings;
    try {
      const { payload } = await jwtVerify(bearer, this.#keys, {
        issuer,
        audience: [...audience],
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(now),
      });
      return this.believe(digest, readClaims(payload, this.settings), Number(payload.exp) + CLOCK_TOLERANCE_S);
    } catch (error) {
      if (error instanceof IssuerAway) throw this.unknowable(error);
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    }
  }

  private believe(digest: string, access: Session["access"], endsAtSeconds: number): Session {
    const endsAt = endsAtSeconds * 1_000;
    const session: Session = { access, onEnd: (ended) => this.atEnd(endsAt, ended) };
    this.#believed.delete(digest);
    this.#believed.set(digest, { session, endsAt, until: performance.now() + BELIEVED_MS });
    if (this.#believed.size > MOST_BELIEVED) this.#believed.delete(this.#believed.keys().next().value ?? "");
    return session;
  }

  private atEnd(endsAt: number, ended: () => void): () => void {
    const timer = setInterval(() => {
      if (this.core.clock.now().getTime() < endsAt) return;
      clearInterval(timer);
      ended();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }

  private unknowable(away: IssuerAway): AppError {
    const { issuer } = this.settings;
    this.core.log.warn({ error: away.cause, issuer }, "The issuer of sign-ins cannot be reached");
    return new AppError(
      "UNAUTHENTICATED",
      "The issuer of this token cannot be reached, so nobody knows whether it is genuine. Try again later.",
      { issuer, retryAt: away.retryAt.toISOString() },
    );
  }
}

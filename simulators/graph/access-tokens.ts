import type { Switches } from "./switches.js";
import type { AppRegistration } from "./world.js";

/** The access tokens that were given out, each until it expires or is revoked. */
export class AccessTokens {
  readonly #expiresAt = new Map<string, number>();
  #given = 0;

  constructor(
    private readonly registration: AppRegistration,
    private readonly switches: Switches,
  ) {}

  issue(audience: string): { token: string; expiresIn: number } {
    const expiresIn = this.switches.tokenLifetimeSeconds;
    this.#given += 1;
    const token =
      this.switches.accessToken === "jwt" ? this.#jwt(audience) : `opaque-${this.#given}-${this.registration.clientId}`;
    this.#expiresAt.set(token, Date.now() + expiresIn * 1000);
    return { token, expiresIn };
  }

  isValid(token: string): boolean {
    return (this.#expiresAt.get(token) ?? 0) > Date.now();
  }

  /** Makes every token stale at once; answers how many there were. */
  revokeAll(): number {
    const count = this.#expiresAt.size;
    this.#expiresAt.clear();
    return count;
  }

  /** Readable like a real one, with the permissions that were granted in `roles`; nobody checks its signature. */
  #jwt(audience: string): string {
    const { clientId, tenantId, permissions } = this.registration;
    const claims = {
      aud: audience,
      appid: clientId,
      tid: tenantId,
      idtyp: "app",
      roles: [...permissions].sort(),
      uti: this.#given,
    };
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${encode({ typ: "JWT", alg: "none" })}.${encode(claims)}.simulated`;
  }
}

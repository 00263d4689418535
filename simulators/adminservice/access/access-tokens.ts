import { randomBytes } from "node:crypto";
import type { Switches } from "../switches.js";

/** The bearer tokens that Entra has given out. */
export class AccessTokens {
  readonly #validUntil = new Map<string, number>();

  constructor(private readonly switches: Switches) {}

  give(): { token: string; lifetimeSeconds: number } {
    const token = randomBytes(24).toString("base64url");
    const { tokenLifetimeMs } = this.switches;
    this.#validUntil.set(token, Date.now() + tokenLifetimeMs);
    return { token, lifetimeSeconds: Math.ceil(tokenLifetimeMs / 1000) };
  }

  isValid(token: string): boolean {
    return (this.#validUntil.get(token) ?? 0) > Date.now();
  }

  /** None given out so far is valid any more. */
  expire(): void {
    this.#validUntil.clear();
  }
}

/** An issuer whose tokens open the API, and what to read in them. */
export interface OidcSettings {
  /** Exactly as tokens name it. */
  readonly issuer: string;
  /** One of these must be among a token's audiences. */
  readonly audience: readonly string[];
  /** Where the issuer's keys are; null for where its discovery document says. */
  readonly jwksUrl: string | null;
  /** The claim with the roles: a name, or names joined by dots. */
  readonly roleClaim: string;
  /** The claim with the teams; null: everybody sees everything. */
  readonly teamsClaim: string | null;
  /** The claim by which the ledger names who acts. */
  readonly actorClaim: string;
}

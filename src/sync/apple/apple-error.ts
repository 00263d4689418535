import type { AppleErrorKind } from "./error-numbers.js";

export interface AppleErrorFacts {
  /** Apple's number, when the answer had one. */
  readonly errorNumber?: number;
  /** Of the answer, when there was one. */
  readonly httpStatus?: number;
  readonly kind: AppleErrorKind;
  /** How long Apple wants us to stay away, in milliseconds of real time. */
  readonly retryAfterMs?: number;
  /** The answer was lost or tells nothing, so the request may have taken effect; false for reads. */
  readonly maybeDone?: boolean;
}

/** What goes wrong between us and Apple. The message is a sentence for admins and never holds a secret. */
export class AppleError extends Error {
  override readonly name = "AppleError";
  readonly errorNumber: number | null;
  readonly httpStatus: number | null;
  readonly kind: AppleErrorKind;
  readonly retryAfterMs: number | null;
  readonly maybeDone: boolean;

  constructor(message: string, facts: AppleErrorFacts) {
    super(message);
    this.errorNumber = facts.errorNumber ?? null;
    this.httpStatus = facts.httpStatus ?? null;
    this.kind = facts.kind;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.maybeDone = facts.maybeDone ?? false;
  }
}

import { AppError } from "../errors.js";

/** How long reading may still take; in real time. */
export class Deadline {
  #endsAt: number;

  private constructor(
    readonly limitMs: number,
    private readonly isRenewed: boolean,
  ) {
    this.#endsAt = performance.now() + limitMs;
  }

  /** Counts from now on, for all that a request reads. */
  static ofRequest(limitMs: number): Deadline {
    return new Deadline(limitMs, false);
  }

  /** Counts anew for each statement: for what lasts as long as somebody listens. */
  static ofEachStatement(limitMs: number): Deadline {
    return new Deadline(limitMs, true);
  }

  /** Negative when it has passed, infinite when there is none. */
  get remainingMs(): number {
    return this.isRenewed ? this.limitMs : this.#endsAt - performance.now();
  }

  /** What writes is never cut off. */
  lift(): void {
    this.#endsAt = Number.POSITIVE_INFINITY;
  }

  /**
   * What is told when it has passed.
   * @param Kind why, which callers read nothing of
   */
  passed(Kind: typeof AppError = AppError): AppError {
    return new Kind(
      "LIMIT_EXCEEDED",
      `This took longer than ${this.limitMs} ms and was ended. Ask for less at once; it may also help to ask again later.`,
      { kind: "queryMs", limit: this.limitMs },
    );
  }
}

import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../../errors.js";
import type { Access } from "../../schema/access.js";

const MINUTE_S = 60;

/** Counts the requests of each caller, whatever way they come in; each replica for itself, in real time. */
export class RequestRate {
  readonly #limiter: RateLimiterMemory | null;

  /** @param perMinute null for any number. */
  constructor(private readonly perMinute: number | null) {
    this.#limiter = perMinute === null ? null : new RateLimiterMemory({ points: perMinute, duration: MINUTE_S });
  }

  /** @throws AppError LIMIT_EXCEEDED with `retryAt` when this is one too many. */
  async count({ actor }: Access): Promise<void> {
    try {
      await this.#limiter?.consume(actor);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new AppError(
        "LIMIT_EXCEEDED",
        `One key may send ${this.perMinute} requests within a minute. Wait until \`retryAt\`, and ask for more at once.`,
        {
          kind: "requestsPerMinute",
          limit: this.perMinute,
          asked: refusal.consumedPoints,
          retryAt: new Date(Date.now() + refusal.msBeforeNext).toISOString(),
        },
      );
    }
  }
}

import { RateLimiterMemory } from "rate-limiter-flexible";
import { AppError } from "../errors.js";
import type { Core } from "../sync/core.js";

const MINUTE_S = 60;

/** Writes down that somebody calls who does not prove who they are: once a minute of each address, however often it calls. */
export class WrongSecrets {
  readonly #rate = new RateLimiterMemory({ points: 1, duration: MINUTE_S });

  constructor(private readonly log: Core["log"]) {}

  /**
   * Tells of an error if it is about that, and throws it on.
   * @param what is called, in the log.
   */
  async tellOf(error: unknown, address: string, what: Readonly<Record<string, string>>): Promise<never> {
    if (error instanceof AppError && error.code === "UNAUTHENTICATED" && (await this.isFirst(address))) {
      this.log.warn({ address, ...what }, "Somebody called with a wrong secret");
    }
    throw error;
  }

  private async isFirst(address: string): Promise<boolean> {
    const { consumedPoints } = await this.#rate.penalty(address);
    return consumedPoints === 1;
  }
}

import ipaddr from "ipaddr.js";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../../errors.js";

/** So many wrong keys an address may send within a minute; then it is heard no more until the minute is over. */
const MOST_A_MINUTE = 20;
const MINUTE_S = 60;
/** More addresses than this are not remembered as blocked, nor more keys as good. */
const MOST_REMEMBERED = 10_000;

/**
 * Counts what is tried with wrong keys, by address. Whoever is blocked is not told whether a key is right; what has been
 * found right lately goes on, so that nobody is locked out by a neighbour.
 */
export class FailedAttempts {
  readonly #limiter = new RateLimiterMemory({ points: MOST_A_MINUTE - 1, duration: MINUTE_S, blockDuration: MINUTE_S });
  readonly #blockedUntil = new Map<string, number>();
  /** By their digests; the oldest first. */
  readonly #good = new Set<string>();

  /** @throws AppError LIMIT_EXCEEDED with `retryAt` for an address that is blocked. */
  refuseBlocked(address: string, digest: string): void {
    const until = this.#blockedUntil.get(placeOf(address));
    if (until === undefined) return;
    if (until <= Date.now()) this.#blockedUntil.delete(placeOf(address));
    else if (!this.#good.has(digest)) throw tooMany(until);
  }

  /** @returns whether the address is blocked from now on. */
  async note(address: string): Promise<boolean> {
    const place = placeOf(address);
    try {
      await this.#limiter.consume(place);
      return false;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      remember(this.#blockedUntil, place);
      this.#blockedUntil.set(place, Date.now() + refusal.msBeforeNext);
      return true;
    }
  }

  noteGood(digest: string): void {
    if (this.#good.has(digest)) return;
    remember(this.#good, digest);
    this.#good.add(digest);
  }
}

/** Makes room: the oldest goes. */
function remember(known: Map<string, unknown> | Set<string>, key: string): void {
  known.delete(key);
  if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value ?? "");
}

/** One customer has a whole /64 of IPv6. */
function placeOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv4" ? parsed.toString() : `${parsed.toByteArray().slice(0, 8).join(".")}/64`;
}

function tooMany(until: number): AppError {
  return new AppError(
    "LIMIT_EXCEEDED",
    "Too many wrong keys came from this address. Wait, and then send the right one.",
    { kind: "failedAttempts", limit: MOST_A_MINUTE, retryAt: new Date(until).toISOString() },
  );
}

import ipaddr from "ipaddr.js";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../../errors.js";

/** So many wrong keys an address may send within a minute; then it is heard no more until the minute is over. */
const MOST_A_MINUTE = 20;
const MINUTE_S = 60;
/** More addresses than this are not remembered as blocked, nor more keys as good. */
const MOST_REMEMBERED = 10_000;

/** Keys of one address that are being looked up, and what goes on when one of them is through. */
interface Lookups {
  count: number;
  readonly waiting: (() => void)[];
}

/**
 * Counts what is tried with wrong keys, by address. Whoever is blocked is not told whether a key is right; what has been
 * found right lately goes on, so that nobody is locked out by a neighbour. No more is looked up at once for an address than
 * it may still be wrong, so that it gains nothing by asking all at the same time; the others wait.
 */
export class FailedAttempts {
  readonly #limiter = new RateLimiterMemory({ points: MOST_A_MINUTE - 1, duration: MINUTE_S, blockDuration: MINUTE_S });
  readonly #blockedUntil = new Map<string, number>();
  /** By their digests; the oldest first. */
  readonly #good = new Set<string>();
  /** What is being looked up, by address. */
  readonly #lookups = new Map<string, Lookups>();

  /**
   * What `find` finds for a key of this address.
   * @param onWrong is told when it finds nothing, and whether the address is blocked from now on.
   * @throws AppError LIMIT_EXCEEDED with `retryAt` for an address that is blocked, whatever its key.
   */
  async attempt<Found>(
    address: string,
    digest: string,
    find: () => Promise<Found | null>,
    onWrong: (isBlocked: boolean) => void,
  ): Promise<Found | null> {
    const place = placeOf(address);
    const isKnown = this.#good.has(digest);
    if (!isKnown) await this.begin(place);
    try {
      const found = await find();
      if (found !== null) this.noteGood(digest);
      else onWrong(await this.noteWrong(place, digest));
      return found;
    } finally {
      if (!isKnown) this.end(place);
    }
  }

  /** Waits until one more may be wrong. */
  private async begin(place: string): Promise<void> {
    for (;;) {
      this.refuseBlocked(place);
      const wrong = (await this.#limiter.get(place))?.consumedPoints ?? 0;
      const lookups = this.#lookups.get(place) ?? { count: 0, waiting: [] };
      if (lookups.count === 0 || lookups.count + wrong < MOST_A_MINUTE) {
        lookups.count += 1;
        this.#lookups.set(place, lookups);
        return;
      }
      await new Promise<void>((resolve) => lookups.waiting.push(resolve));
    }
  }

  private end(place: string): void {
    const lookups = this.#lookups.get(place);
    if (!lookups) return;
    lookups.count -= 1;
    const next = lookups.waiting.splice(0, this.#blockedUntil.has(place) ? lookups.waiting.length : 1);
    if (lookups.count + lookups.waiting.length === 0) this.#lookups.delete(place);
    for (const goOn of next) goOn();
  }

  private refuseBlocked(place: string): void {
    const until = this.#blockedUntil.get(place);
    if (until === undefined) return;
    if (until > Date.now()) throw tooMany(until);
    this.#blockedUntil.delete(place);
  }

  private async noteWrong(place: string, digest: string): Promise<boolean> {
    this.#good.delete(digest);
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

  private noteGood(digest: string): void {
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

import { ServiceError } from "./errors.js";
import type { Location } from "./location.js";

const WINDOW_MS = 1000;

/** Counts the requests of each location over the last second. */
export class RequestRate {
  readonly #times = new Map<Location, number[]>();

  /** @throws ServiceError 9646 for a request above the limit; a refused one does not count. */
  check(location: Location, maxRequestPerSecond: number): void {
    const now = Date.now();
    const recent = (this.#times.get(location) ?? []).filter((time) => time > now - WINDOW_MS);
    this.#times.set(location, recent);
    if (recent.length >= maxRequestPerSecond) throw new ServiceError(9646, undefined, WINDOW_MS / 1000);
    recent.push(now);
  }
}

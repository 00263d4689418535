import { GraphError } from "./protocol/graph-error.js";

const WINDOW_MS = 20_000;

/** Documented for one app in one tenant, in 20 seconds: writes, and requests of any kind. */
const LIMITS = {
  "/deviceAppManagement": { writes: 100, all: 1000 },
  "/deviceManagement": { writes: 200, all: 2000 },
} as const;

/** Refused requests count, too. */
export class RateLimit {
  readonly #times = new Map<string, number[]>();

  /** @throws GraphError 429 above the limit of the path's service; the directory is not limited here. */
  check(method: string, path: string): void {
    for (const [service, limits] of Object.entries(LIMITS)) {
      if (!path.startsWith(`${service}/`)) continue;
      const isOver = this.#count(service, limits.all);
      const isOverWrites = method !== "GET" && this.#count(`${service} writes`, limits.writes);
      if (isOver || isOverWrites) throw new GraphError(429, "TooManyRequests", "Too many requests.", 10);
    }
  }

  #count(name: string, limit: number): boolean {
    const now = Date.now();
    const times = (this.#times.get(name) ?? []).filter((time) => time > now - WINDOW_MS);
    times.push(now);
    this.#times.set(name, times);
    return times.length > limit;
  }
}

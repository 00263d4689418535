import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import type { DataSource } from "typeorm";
import type { Clock } from "../core.js";
import { AppleError } from "./apple-error.js";
import { LONGEST_WAIT_MS, waitFor } from "./retry.js";

/** Of 15 requests a second at most 12 may be reads, so that a write does not wait behind a full synchronisation. */
const READ_SHARE = 12 / 15;
/** A tenth more than the second that Apple counts by: requests of one window may arrive later than they were let go. */
const WINDOW_MS = 1100;
const JITTER_MS = 40;
/** More than any budget, and still far from the column's end. */
const USED_UP = 1_000_000;

/** One budget of requests a second for each token, shared by all replicas through PostgreSQL. */
export interface RequestBudget {
  /**
   * Waits until one more request may be sent.
   * @throws AppleError `retryable` when that takes longer than half a minute, or the signal ends the wait.
   */
  take(tokenId: string, use: "read" | "write", perSecond: number, signal: AbortSignal | undefined): Promise<void>;
  /** Nobody sends anything with this token for so long, since Apple said so; a longer pause that goes on stays. */
  pause(tokenId: string, durationMs: number): Promise<void>;
}

/** @param dataSource with the table `rate_limit` of our migration. */
export function createRequestBudget(dataSource: DataSource, clock: Clock): RequestBudget {
  const limiters = new Map<string, RateLimiterPostgres>();

  const limiter = (keyPrefix: string, points: number): RateLimiterPostgres => {
    const name = `${keyPrefix}:${points}`;
    const known = limiters.get(name);
    if (known) return known;
    const made = new RateLimiterPostgres({
      storeClient: dataSource,
      storeType: "typeorm",
      tableName: "rate_limit",
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration: inSeconds(clock.scaled(WINDOW_MS)),
    });
    limiters.set(name, made);
    return made;
  };

  return {
    async take(tokenId, use, perSecond, signal) {
      // A refused attempt counts, too: reads are held back by a limiter of their own, so that they do not use up the whole.
      const gates = [limiter("apple", perSecond)];
      if (use === "read") gates.unshift(limiter("apple-reads", Math.max(1, Math.floor(perSecond * READ_SHARE))));
      const deadline = Date.now() + LONGEST_WAIT_MS;
      for (const gate of gates) await pass(gate, tokenId, clock, deadline, signal);
    },
    async pause(tokenId, durationMs) {
      // The limiter's own `set` would shorten a pause that another replica was told of.
      await dataSource.query(
        `INSERT INTO rate_limit (key, points, expire) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET points = EXCLUDED.points, expire = GREATEST(rate_limit.expire, EXCLUDED.expire)`,
        [limiter("apple", 1).getKey(tokenId), USED_UP, Date.now() + Math.max(1, Math.round(durationMs))],
      );
    },
  };
}

async function pass(
  gate: RateLimiterPostgres,
  tokenId: string,
  clock: Clock,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    const refusal = await consume(gate, tokenId);
    if (refusal === null) return;
    const waitMs = refusal.msBeforeNext + clock.scaled(JITTER_MS) * clock.random();
    if (Date.now() + waitMs > deadline) {
      throw new AppleError("Too many requests with this token wait for their turn at Apple.", {
        kind: "retryable",
        retryAfterMs: Math.ceil(waitMs),
      });
    }
    await waitFor(waitMs, signal);
  }
}

async function consume(gate: RateLimiterPostgres, tokenId: string): Promise<RateLimiterRes | null> {
  try {
    await gate.consume(tokenId);
    return null;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return refusal;
    throw refusal;
  }
}

/** The limiter counts in seconds and stores whole milliseconds; zero would mean for ever. */
function inSeconds(durationMs: number): number {
  return Math.max(1, Math.round(durationMs)) / 1000;
}

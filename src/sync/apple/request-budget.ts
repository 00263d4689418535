import type { DataSource } from "typeorm";
import { row } from "../../queries/sql.js";
import type { Clock } from "../core.js";
import { AppleError } from "./apple-error.js";
import { LONGEST_WAIT_MS, waitFor } from "./retry.js";

/** A little more than the second that Apple counts by: what is let go evenly may arrive unevenly. */
const WINDOW_MS = 1035;
/** No more turns than this are given to reads in advance: a write waits for a third of a second at most behind them. */
const READS_AHEAD = 5;

/** One budget of requests a second for each token, shared by all replicas through PostgreSQL. */
export interface RequestBudget {
  /**
   * Waits until one more request may be sent. Turns come evenly spaced; reads use all that no write wants.
   * @throws AppleError `retryable` when that takes longer than half a minute, or the signal ends the wait.
   */
  take(tokenId: string, use: "read" | "write", perSecond: number, signal: AbortSignal | undefined): Promise<void>;
  /** No turn is given for so long, since Apple said so; a longer pause that goes on stays. */
  pause(tokenId: string, durationMs: number): Promise<void>;
}

/** The database's clock, in whole milliseconds since 1970: those of replicas may differ. */
const MOMENT = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";

/** Takes the next turn unless it is further ahead than `$3`; `expire` is when the one after it begins. */
const TAKE_TURN = `
  WITH moment AS (${MOMENT})
  INSERT INTO rate_limit AS turn (key, expire) SELECT $1, now + $2::bigint FROM moment
  ON CONFLICT (key) DO UPDATE SET expire = GREATEST(turn.expire + $2::bigint, EXCLUDED.expire)
  WHERE turn.expire <= EXCLUDED.expire - $2::bigint + $3::bigint
  RETURNING (expire - $2::bigint - (SELECT now FROM moment))::int AS wait`;

/** @param dataSource with the table `rate_limit` of our migration. */
export function createRequestBudget(dataSource: DataSource, clock: Clock): RequestBudget {
  return {
    async take(tokenId, use, perSecond, signal) {
      const interval = Math.round(clock.scaled(WINDOW_MS / perSecond));
      const ahead = use === "read" ? READS_AHEAD * interval : LONGEST_WAIT_MS;
      const deadline = Date.now() + LONGEST_WAIT_MS;
      for (;;) {
        const turn = await row<{ wait: number }>(dataSource, TAKE_TURN, [keyOf(tokenId), interval, ahead]);
        if (turn) return waitFor(turn.wait, signal);
        const nextMs = await untilNextTurn(dataSource, tokenId);
        if (Date.now() + nextMs > deadline) throw tooMany(nextMs);
        await waitFor(Math.max(nextMs - ahead, interval), signal);
      }
    },
    async pause(tokenId, durationMs) {
      await dataSource.query(
        `WITH moment AS (${MOMENT})
         INSERT INTO rate_limit AS turn (key, expire) SELECT $1, now + $2::bigint FROM moment
         ON CONFLICT (key) DO UPDATE SET expire = GREATEST(turn.expire, EXCLUDED.expire)`,
        [keyOf(tokenId), Math.max(1, Math.round(durationMs))],
      );
    },
  };
}

function keyOf(tokenId: string): string {
  return `apple:${tokenId}`;
}

async function untilNextTurn(dataSource: DataSource, tokenId: string): Promise<number> {
  const turn = await row<{ wait: string }>(
    dataSource,
    `SELECT expire - (${MOMENT}) AS wait FROM rate_limit WHERE key = $1`,
    [keyOf(tokenId)],
  );
  return Number(turn?.wait ?? 0);
}

function tooMany(waitMs: number): AppleError {
  return new AppleError("Too many requests with this token wait for their turn at Apple.", {
    kind: "retryable",
    retryAfterMs: Math.ceil(waitMs),
  });
}

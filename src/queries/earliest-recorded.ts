import { type Scoped, scopeOrAll, withToken } from "./scopes.js";
import { row } from "./sql.js";

/** How much later than its own moment a change is committed at most, clocks that differ included, unless a synchronisation brings it. */
const LAG_MINUTES = 5;

/**
 * The moment from which on holdings may have started or ended that were committed at another moment or later. A synchronisation
 * gives them the moment when their page was asked for, and commits them once all is read: so this goes back to the beginning
 * of each that was under way then.
 * @param tokenId only of this token; null for all that the teams see
 */
export async function earliestRecorded(
  { db, teams }: Scoped,
  tokenId: string | null,
  committedAt: Date,
): Promise<Date> {
  const found = await row<{ at: Date }>(
    db,
    `SELECT LEAST($1::timestamptz, min(started_at)) - make_interval(mins => ${LAG_MINUTES}) AS at FROM sync_run
     WHERE (ended_at IS NULL OR ended_at >= $1::timestamptz - make_interval(mins => ${LAG_MINUTES}))
       AND ($2::uuid IS NULL OR token_id = $2) AND ${scopeOrAll(withToken, "sync_run", "$3::text[]")}`,
    [committedAt, tokenId, teams],
  );
  return found?.at ?? committedAt;
}

import { setTimeout as sleep } from "node:timers/promises";
import type { OurSide } from "./our-side.js";

/** Every so many-th request is held up until whoever lies idle in a transaction has gone on. */
const EVERY = 10;

/** A session that waits for this very request runs no statement for as long as the request is not answered. */
const PATIENCE_MS = 5_000;

/** Sees to it that no session of the service lies idle in a transaction while Apple is asked (rule 8 of the design). */
export class TransactionWatch {
  /** What was found. */
  readonly faults: string[] = [];
  /** Of the service and of everybody else. */
  requests = 0;
  readonly #ours: OurSide;

  constructor(ours: OurSide) {
    this.#ours = ours;
  }

  /** To be awaited before a request is handled. */
  async look(path: string): Promise<void> {
    const ours = this.#ours;
    this.requests += 1;
    if (this.requests % EVERY !== 0) return;
    let idle = await idleSessions(ours);
    for (const end = Date.now() + PATIENCE_MS; idle.size > 0 && Date.now() < end; ) {
      await sleep(50);
      const now = await idleSessions(ours);
      idle = new Set([...idle].filter((session) => now.has(session)));
    }
    for (const session of idle) this.faults.push(`${session} lies idle in a transaction while ${path} is asked`);
  }
}

async function idleSessions(ours: OurSide): Promise<Set<string>> {
  const sessions = await ours.rows<{ session: string }>(
    `SELECT concat_ws(' ', pid, 'begun', xact_start, 'last', state_change, 'with', left(query, 200)) AS session
     FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'allotment%'
       AND state LIKE 'idle in transaction%' AND xact_start IS NOT NULL`,
  );
  return new Set(sessions.map(({ session }) => session));
}

import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";

const DAY_MS = 86_400_000;

/** So many of a kind at once, so that nothing waits for a great clearance; the next sweep goes on. */
const AT_ONCE = 5_000;

/** What is forgotten, and how long after which moment. The ledger is not: see `purgeEndedLicenses`. */
const forgotten = ({ policy }: Core) => [
  { table: "alert", since: "cleared_at", keptMs: 90 * DAY_MS },
  { table: "webhook_delivery", since: "ended_at", keptMs: 30 * DAY_MS },
  { table: "webhook_event", since: "read_at", keptMs: 7 * DAY_MS },
  { table: "mutation_answer", since: "created_at", keptMs: 30 * DAY_MS },
  { table: "audit_event", since: "at", keptMs: policy.auditDays * DAY_MS },
];

/** Forgets what has been over for so long that nobody asks for it any more. */
export async function forgetPast(tx: EntityManager, core: Core): Promise<void> {
  for (const { table, since, keptMs } of forgotten(core)) {
    await tx.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${since} <= $1 ORDER BY ${since} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED))`,
      [new Date(core.clock.now().getTime() - core.clock.scaled(keptMs))],
    );
  }
}

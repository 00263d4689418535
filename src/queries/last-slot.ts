import { type Reader, row } from "./sql.js";

/** What the next synchronisations depend on. */
export interface LastSlot {
  /** When the schedule of synchronisations last ticked; null before it ever has. */
  readonly takenAt: Date | null;
  /** How many tokens share it. */
  readonly tokens: number;
}

export async function lastSyncSlot(db: Reader): Promise<LastSlot> {
  const last = await row<{ taken_at: Date | null; tokens: number }>(
    db,
    `SELECT (SELECT taken_at FROM schedule_slot WHERE schedule = 'sync' ORDER BY slot DESC LIMIT 1) AS taken_at,
            (SELECT count(*)::int FROM token) AS tokens`,
  );
  return { takenAt: last?.taken_at ?? null, tokens: last?.tokens ?? 0 };
}

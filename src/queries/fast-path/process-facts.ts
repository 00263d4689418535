/** What statements have to be told that stands in no table. */
export interface ProcessFacts {
  now(): Date;
  /** How long a duration is here, in milliseconds. */
  scaled(durationMs: number): number;
  /** Where products call us, without a slash at the end. */
  readonly publicUrl: string | null;
  /** What the API tells of each plugin, and the names of those of its settings that are no secrets. */
  readonly plugins: readonly (Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly plainSettings: readonly string[];
  })[];
  readonly schedule: Schedule;
}

/** How the schedule of synchronisations reads tokens. */
interface Schedule {
  /** When it ticks next. */
  nextTick(): Date | null;
  /** States of tokens that it does not read; and of those that it reads only where an MDM owns them. */
  readonly unread: readonly string[];
  readonly silent: readonly string[];
  /** Over how long tokens are spread after a tick, where there are so many of them. */
  readonly spreadMs: number;
  readonly spreadFrom: number;
}

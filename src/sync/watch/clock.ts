import { schedule as cron, type ScheduledTask } from "node-cron";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { freeDeadWorkers } from "./free-dead-workers.js";
import { SCHEDULES, type Schedule } from "./schedules.js";

export interface RunningClock {
  stop(): Promise<void>;
}

/** When each schedule ticks, as cron expressions. */
export interface ClockOptions {
  readonly syncCron: string;
  readonly holdersCron: string;
}

const SWEEP_SECONDS = 20;
const ALERT_SECONDS = 300;

/** One message a day about tokens that expire. */
const EXPIRY_CRON = "0 6 * * *";

/** The counts of a day are those with which it begins. */
const COUNTS_CRON = "0 0 * * *";

/** The configuration's hours, and those that `nextSyncAt` tells, are the same on every replica. */
const CRON_OPTIONS = { timezone: "UTC", suppressMissedWarning: true } as const;

/** Enough to see the longest pause of a weekly schedule with two runs a day. */
const RUNS_COMPARED = 15;

/** The clock of this replica. Every replica has one; each slot is taken by one of them. */
export async function startClock(core: Core, options: ClockOptions): Promise<RunningClock> {
  const expressions: Record<Schedule, string> = {
    sync: options.syncCron,
    expiry: EXPIRY_CRON,
    counts: COUNTS_CRON,
    holders: options.holdersCron,
    alerts: every(core, ALERT_SECONDS),
    sweep: every(core, SWEEP_SECONDS),
  };
  const tasks: ScheduledTask[] = [cron(expressions.sweep, () => freeSafely(core), CRON_OPTIONS)];
  await freeSafely(core);
  for (const name of Object.keys(expressions) as Schedule[]) {
    const task = cron(expressions[name], ({ date }) => tickSafely(core, name, date), CRON_OPTIONS);
    tasks.push(task);
    await catchUp(core, name, task);
  }
  return {
    stop: async () => {
      for (const task of tasks) await task.destroy();
    },
  };
}

/** So often, by the clock that TIME_SCALE speeds up; for seconds that divide a minute, or minutes that divide an hour. */
function every(core: Core, seconds: number): string {
  const scaled = Math.max(1, Math.round(core.clock.scaled(seconds * 1_000) / 1_000));
  return scaled < 60 ? `*/${scaled} * * * * *` : `*/${Math.round(scaled / 60)} * * * *`;
}

/** Outside every job: a queue may be held by the very worker that is dead. */
async function freeSafely(core: Core): Promise<void> {
  try {
    await freeDeadWorkers(core);
  } catch (error) {
    core.log.error({ error }, "Dead workers could not be looked for; the next tick tries again");
  }
}

/**
 * A slot that was missed while all replicas were down is taken at the start: known by the last one lying back further than
 * any two of the next runs lie apart.
 */
async function catchUp(core: Core, name: Schedule, task: ScheduledTask): Promise<void> {
  const last = await row<{ slot: Date | null }>(
    core.dataSource,
    "SELECT max(slot) AS slot FROM schedule_slot WHERE schedule = $1",
    [name],
  );
  if (!last?.slot) return;
  const runs = task.getNextRuns(RUNS_COMPARED).map((run) => run.getTime());
  const gaps = runs.slice(1).map((run, index) => run - (runs[index] ?? run));
  const missed = new Date(last.slot.getTime() + Math.max(...gaps));
  if (missed <= core.clock.now()) await tickSafely(core, name, missed);
}

async function tickSafely(core: Core, name: Schedule, slot: Date): Promise<void> {
  try {
    await tick(core, name, slot);
  } catch (error) {
    core.log.error({ error, schedule: name }, "A tick of the clock failed; the next one makes up for it");
  }
}

/** Takes a slot and adds its jobs in one transaction: no row, no job. */
async function tick(core: Core, name: Schedule, slot: Date): Promise<void> {
  const at = core.clock.now();
  await core.dataSource.transaction(async (tx) => {
    const taken = await rows(
      tx,
      "INSERT INTO schedule_slot (schedule, slot, taken_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING slot",
      [name, slot, at],
    );
    if (taken.length === 0) return;
    await tx.query("DELETE FROM schedule_slot WHERE schedule = $1 AND slot < $2::timestamptz - interval '30 days'", [
      name,
      slot,
    ]);
    await SCHEDULES[name](tx, core, at);
  });
}

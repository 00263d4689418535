import { setTimeout as sleep } from "node:timers/promises";
import { type Api, ApiError } from "../api/connect-api.js";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-codes.js";
import { type ProgressBar, progressBar } from "../progress-bar.js";
import type { RequestedRun } from "./request-syncs.js";
import type { SyncOutcome } from "./sync-outcome.js";

const LOOK_MS = 500;
/** How long the service may be away, as during a restart: what was asked for goes on when it is back. */
const PATIENCE_MS = 60_000;
/** As many as `nodes` takes. */
const RUNS_A_LOOK = 500;

const RUNS = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on SyncRun {
  id state phase pagesRead pagesKnown rowsAdded rowsChanged rowsEnded warnings error endedAt } } }`;

interface SeenRun extends Omit<SyncOutcome, "token" | "state"> {
  readonly id: string;
  readonly state: SyncOutcome["state"] | "QUEUED" | "RUNNING";
  readonly phase: string | null;
  readonly pagesKnown: number;
  readonly endedAt: string | null;
}

/** Waits until all of them are over. @throws CommandError when the service stays away for longer than a minute. */
export async function followSyncRuns(api: Api, runs: readonly RequestedRun[]): Promise<SyncOutcome[]> {
  const outcomes = new Map<string, SyncOutcome>();
  const bar = runs.length === 1 ? progressBar(runs[0]?.token ?? "", "pages") : progressBar("Synchronising", "tokens");
  try {
    for (;;) {
      const open = runs.filter(({ id }) => !outcomes.has(id)).slice(0, RUNS_A_LOOK);
      if (open.length === 0) return [...outcomes.values()];
      const seen = await look(api, open);
      for (const [index, run] of open.entries()) {
        const outcome = outcomeOf(run.token, seen[index] ?? null);
        if (outcome) outcomes.set(run.id, outcome);
      }
      show(bar, runs.length, outcomes.size, seen[0] ?? null);
      if (outcomes.size < runs.length) await sleep(LOOK_MS);
    }
  } finally {
    bar.stop();
  }
}

async function look(api: Api, runs: readonly RequestedRun[]): Promise<readonly (SeenRun | null)[]> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return (await api.ask<{ nodes: (SeenRun | null)[] }>(RUNS, { ids: runs.map(({ id }) => id) })).nodes;
    } catch (error) {
      if (!isAway(error) || Date.now() > end) throw error;
      await sleep(LOOK_MS);
    }
  }
}

/** Not a refusal: asking again with a key that has ended would count as guessing. */
function isAway(error: unknown): boolean {
  return error instanceof CommandError && !(error instanceof ApiError) && error.exitCode === EXIT.UNREACHABLE;
}

/** Null while it is not over. */
function outcomeOf(token: string, run: SeenRun | null): SyncOutcome | null {
  if (run === null) {
    const nothing = { pagesRead: 0, rowsAdded: 0, rowsChanged: 0, rowsEnded: 0, warnings: [] };
    return { token, state: "CANCELLED", ...nothing, error: "The token was removed meanwhile." };
  }
  const { state, pagesRead, rowsAdded, rowsChanged, rowsEnded, warnings, error } = run;
  if (run.endedAt === null || state === "QUEUED" || state === "RUNNING") return null;
  return { token, state, pagesRead, rowsAdded, rowsChanged, rowsEnded, warnings, error };
}

function show(bar: ProgressBar, tokens: number, over: number, first: SeenRun | null): void {
  if (tokens > 1) bar.update(over, tokens);
  else if (first) bar.update(first.pagesRead, first.pagesKnown, first.phase?.toLowerCase() ?? "waiting its turn");
}

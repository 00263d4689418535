import { type Runner, run, type TaskList } from "graphile-worker";
import type { Pool } from "pg";
import { checkAlerts, checkTokenAlerts } from "./alerts/check-alerts.js";
import { digestAlerts } from "./alerts/webhooks/digest-alerts.js";
import { sendWebhooks } from "./alerts/webhooks/send-webhooks.js";
import type { Core } from "./core.js";
import { advanceInstallations } from "./deployments/advance-installations.js";
import { applySteps } from "./deployments/apply-steps.js";
import { finishRemoval } from "./deployments/finish-removal.js";
import { leaveLostDevices } from "./deployments/leave-lost-devices.js";
import { leaveTarget } from "./deployments/leave-target.js";
import { licenseInstallations } from "./deployments/license-installations.js";
import { pollSteps } from "./deployments/poll-steps.js";
import { prepareApplications } from "./deployments/prepare-applications.js";
import { readWebhookEvents } from "./deployments/read-webhook-events.js";
import { refreshMembers } from "./deployments/refresh-members.js";
import { releaseOrders } from "./deployments/release-orders.js";
import { remindPeople } from "./deployments/remind-people.js";
import { retireLeavers } from "./deployments/retire-leavers.js";
import { returnAtTarget } from "./deployments/return-at-target.js";
import { sendInvitations } from "./deployments/send-invitations.js";
import { serveTarget } from "./deployments/serve-target.js";
import { importHolders } from "./holders/import-holders.js";
import { JOBS_AT_OWNER, type JobName, type Jobs } from "./jobs.js";
import { readNotifications } from "./licenses/notifications/read-notifications.js";
import { purgeLedger } from "./licenses/purge-ended-licenses.js";
import { runOperations } from "./licenses/run-operations.js";
import { checkDaily } from "./targets/check-daily.js";
import { readMetadata } from "./tokens/read-metadata.js";
import { snapshotCounts } from "./tokens/snapshot-counts.js";
import { subscribeNotifications } from "./tokens/subscribe-notifications.js";
import { syncToken } from "./tokens/sync-token.js";
import { verifyToken } from "./tokens/verify-token.js";
import { warnOfExpiry } from "./tokens/warn-of-expiry.js";
import { keepRunning } from "./watch/keep-running.js";
import { type LiveWorker, liveWorker } from "./watch/live-worker.js";
import { scheduleSync } from "./watch/schedule-sync.js";
import { sweep } from "./watch/sweep.js";

type Handlers = { readonly [Name in JobName]: (core: Core, payload: Jobs[Name]) => Promise<void> };

const HANDLERS: Handlers = {
  "verify-token": verifyToken,
  "subscribe-notifications": subscribeNotifications,
  "read-notifications": readNotifications,
  "sync-token": (core, payload) => syncToken(core, payload, serveTarget),
  "schedule-sync": scheduleSync,
  "warn-of-expiry": warnOfExpiry,
  "snapshot-counts": snapshotCounts,
  "purge-ledger": purgeLedger,
  "remove-token": finishRemoval,
  "read-metadata": readMetadata,
  "license-installations": licenseInstallations,
  "run-operations": runOperations,
  "advance-installations": advanceInstallations,
  "retire-leavers": retireLeavers,
  "prepare-applications": prepareApplications,
  "apply-steps": applySteps,
  "poll-steps": pollSteps,
  "send-invitations": sendInvitations,
  "return-at-target": returnAtTarget,
  "release-orders": releaseOrders,
  "import-holders": (core, payload) => importHolders(core, payload, serveTarget),
  "read-webhook-events": readWebhookEvents,
  "refresh-members": refreshMembers,
  "leave-lost-devices": leaveLostDevices,
  "leave-target": leaveTarget,
  "check-target": checkDaily,
  "remind-people": remindPeople,
  "check-alerts": checkAlerts,
  "check-token-alerts": checkTokenAlerts,
  "digest-alerts": digestAlerts,
  "send-webhooks": sendWebhooks,
  sweep,
};

/** The jobs that call targets have workers of their own: however many targets hang at once, what is asked of Apple goes on. */
const CALLS_TARGETS: ReadonlySet<string> = new Set([
  "apply-steps",
  "check-target",
  "import-holders",
  "poll-steps",
  "prepare-applications",
  "read-webhook-events",
  "release-orders",
  "return-at-target",
  "send-invitations",
] satisfies JobName[]);

/**
 * How often a kind of worker looks for jobs whose time has come, which is the most that a later job is late; those for now are
 * announced by the database.
 */
const POLL_MS = 500;
const LEAST_POLL_MS = 100;

/**
 * The workers of a kind look together, and take one job after the other. (More at once might be of one queue, which must not run
 * side by side.) One that was taken while all of them were busy goes back after this time, in milliseconds, to whoever is free.
 */
const ONE_AT_A_TIME = { size: 1, ttl: 1_000 };

export interface WorkerOptions {
  /** The pool graphile-worker takes its connections from. */
  readonly pool: Pool;
  /** Jobs at once that call targets, and as many others. */
  readonly concurrency: number;
}

export interface Worker {
  /** Lets running jobs finish, then stops. */
  stop(): Promise<void>;
}

/** Starts working off the durable jobs (section 4 of the design); several may run on several machines. */
export async function startWorker(core: Core, { pool, concurrency }: WorkerOptions): Promise<Worker> {
  const live: LiveWorker = await liveWorker(core, pool);
  const start = (callsTargets: boolean): Promise<Runner> =>
    run({
      pgPool: pool,
      concurrency,
      noHandleSignals: true,
      preset: { worker: { localQueue: ONE_AT_A_TIME } },
      pollInterval: Math.max(LEAST_POLL_MS, core.clock.scaled(POLL_MS)),
      taskList: taskList(core, callsTargets),
      events: live.events,
      logger: live.logger,
    });
  const kinds = [true, false].map((callsTargets) => keepRunning(core, () => start(callsTargets)));
  const runners = await Promise.all(kinds);
  return {
    stop: async () => {
      await Promise.all(runners.map((runner) => runner.stop()));
      await live.release();
    },
  };
}

function taskList(core: Core, callsTargets: boolean): TaskList {
  const task =
    <Name extends JobName>(name: Name) =>
    (payload: unknown) =>
      HANDLERS[name](core, payload as Jobs[Name]);
  const named = (Object.keys(HANDLERS) as JobName[]).map((name) => ({ name, stored: name as string }));
  const ours = callsTargets
    ? [...named.filter(({ name }) => CALLS_TARGETS.has(name)), ...JOBS_AT_OWNER]
    : named.filter(({ name }) => !CALLS_TARGETS.has(name));
  return Object.fromEntries(ours.map(({ name, stored }) => [stored, task(name)]));
}

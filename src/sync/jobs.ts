import type { EntityManager } from "typeorm";
import { TokenAuthority } from "../entities/token.js";
import { rows } from "../queries/sql.js";

/**
 * The durable work there is. A job names a place, not a task: its handler looks up everything that is due there, so a
 * job that runs twice, late, or for somebody else's reason does no harm, and one that is lost is found by the sweep.
 */
export interface Jobs {
  /** Ask Apple about a token and claim its location; also the way back from a state in which it may not write. */
  "verify-token": { tokenId: string };
  /** See to it that Apple notifies us of the token's changes. */
  "subscribe-notifications": { tokenId: string };
  /** Read what Apple has notified us of. */
  "read-notifications": { tokenId: string };
  /** Run the token's open SyncRun. */
  "sync-token": { tokenId: string };
  /** Ask for the synchronisation whose time has come. */
  "schedule-sync": { tokenId: string };
  /** Keep the alert about tokens that expire. */
  "warn-of-expiry": Record<string, never>;
  /** Return the licences of a token that is being removed, then delete it. */
  "remove-token": { tokenId: string };
  /** Look up names and icons of apps that have none or old ones. */
  "read-metadata": { tokenId: string };
  /** Join or claim licences for installations that need one. */
  "license-installations": { tokenId: string };
  /** Send, follow and settle the token's AppleOperations. */
  "run-operations": { tokenId: string };
  /** Move installations whose licence has come, gone or been refused. */
  "advance-installations": { tokenId: string };
  /** End the registrations of people who have left. */
  "retire-leavers": { tokenId: string };
  /** Make the app objects that are asked for. */
  "prepare-applications": { targetId: string };
  /** Tell a target what to install and remove. */
  "apply-steps": { targetId: string };
  /** Ask a target what became of it. */
  "poll-steps": { targetId: string };
  /** Have a target show people Apple's invitations. */
  "send-invitations": { targetId: string };
  /** With authority TARGET: ask the product to take licences back. */
  "return-at-target": { targetId: string };
  /** Have a target end what ended deployments have set up there. */
  "release-orders": { targetId: string };
  /** Read users, devices and collections. */
  "import-holders": { targetId: string };
  /** Read what a target's product has sent us. */
  "read-webhook-events": { targetId: string };
  /** Bring a deployment's installations in step with its collection. */
  "refresh-members": { collectionId: string };
  /** Keep the counts of the day. */
  "snapshot-counts": Record<string, never>;
  /** Delete the endings that an admin has had enough of. */
  "purge-ledger": Record<string, never>;
  /** Let installations leave with the devices that were wiped, retired or deleted. */
  "leave-lost-devices": Record<string, never>;
  /** The same for what had left before, with devices that a target no longer has, though another one does. */
  "leave-target": { targetId: string };
  /** Check a target, as every day. */
  "check-target": { targetId: string };
  /** Remind of people who do not accept their invitation. */
  "remind-people": Record<string, never>;
  /** Bring the alerts that rules decide on in step with how things are. */
  "check-alerts": Record<string, never>;
  "check-token-alerts": { tokenId: string };
  /** Make messages to webhook endpoints of the alerts that were raised and cleared. */
  "digest-alerts": Record<string, never>;
  /** Send a webhook endpoint its messages. */
  "send-webhooks": { endpointId: string };
  /** Find what nobody is at work on. */
  sweep: Record<string, never>;
}

export type JobName = keyof Jobs;

/** So many endpoints at most are sent something at once: those that let us wait must not take all slots. */
const WEBHOOK_LANES = 3;

/**
 * What waits for one thing is one queue, and so has one of the workers' slots: a target that hangs holds up no other. Of a
 * token, `read` and `write` wait for Apple; `licensing` waits for nobody, and goes on while Apple is asked.
 */
const QUEUES: { readonly [Name in JobName]: (payload: Jobs[Name]) => string } = {
  "verify-token": ({ tokenId }) => `${tokenId}:write`,
  "subscribe-notifications": ({ tokenId }) => `${tokenId}:write`,
  "read-notifications": ({ tokenId }) => `${tokenId}:notifications`,
  "sync-token": ({ tokenId }) => `${tokenId}:read`,
  "schedule-sync": ({ tokenId }) => `${tokenId}:schedule`,
  "warn-of-expiry": () => "warn-of-expiry",
  "remove-token": ({ tokenId }) => `${tokenId}:write`,
  "read-metadata": ({ tokenId }) => `${tokenId}:metadata`,
  "license-installations": ({ tokenId }) => `${tokenId}:licensing`,
  "run-operations": ({ tokenId }) => `${tokenId}:write`,
  "advance-installations": ({ tokenId }) => `${tokenId}:licensing`,
  "retire-leavers": ({ tokenId }) => `${tokenId}:licensing`,
  "prepare-applications": ({ targetId }) => `${targetId}:calls`,
  "apply-steps": ({ targetId }) => `${targetId}:calls`,
  "poll-steps": ({ targetId }) => `${targetId}:calls`,
  "send-invitations": ({ targetId }) => `${targetId}:calls`,
  "return-at-target": ({ targetId }) => `${targetId}:calls`,
  "release-orders": ({ targetId }) => `${targetId}:calls`,
  "import-holders": ({ targetId }) => `${targetId}:calls`,
  "read-webhook-events": ({ targetId }) => `${targetId}:calls`,
  "refresh-members": ({ collectionId }) => `${collectionId}:members`,
  "snapshot-counts": () => "snapshot-counts",
  "purge-ledger": () => "purge-ledger",
  "leave-lost-devices": () => "lost-devices",
  "leave-target": () => "lost-devices",
  "check-target": ({ targetId }) => `${targetId}:calls`,
  "remind-people": () => "remind-people",
  "check-alerts": () => "alerts",
  "check-token-alerts": () => "alerts",
  "digest-alerts": () => "digests",
  "send-webhooks": ({ endpointId }) => `webhooks:${laneOf(endpointId)}`,
  sweep: () => "sweep",
};

/** Each endpoint has its lane, and so one slot at most. */
function laneOf(endpointId: string): number {
  return Number.parseInt(endpointId.slice(0, 8), 16) % WEBHOOK_LANES;
}

/** What is done for a token that a target owns calls that target: under a name of its own, in the queue of the target. */
const AT_OWNER = {
  "sync-token": "sync-token-at-target",
  "schedule-sync": "schedule-sync-at-target",
} as const satisfies Partial<Record<JobName, string>>;

/** The names under which jobs are stored that are done for the owner of a token, and whose handler each has. */
export const JOBS_AT_OWNER = Object.entries(AT_OWNER).map(([name, stored]) => ({ name: name as JobName, stored }));

/** The names under which a job may be stored. */
export function storedNames(name: JobName): string[] {
  return [name, ...JOBS_AT_OWNER.filter((one) => one.name === name).map(({ stored }) => stored)];
}

/** How often a job that throws is tried before it is lost, after days; what the sweep then finds to be overdue it adds anew. */
const MAX_ATTEMPTS = 25;

/** A job for later that is late already must not come before those that wait. */
const SOONEST_LATER_MS = 100;

/**
 * Adds a job in the transaction of what it is for (rule 1). One that waits already is not doubled: "now" and "later"
 * are two places in the queue, and of several "later" times the earliest counts.
 */
export async function addJob<Name extends JobName>(
  tx: EntityManager,
  name: Name,
  payload: Jobs[Name],
  at: Date | null = null,
): Promise<void> {
  const key = `${placeKey(name, payload)}:${at ? "later" : "now"}`;
  const [stored, queue] = storedAs(name, payload, await ownersOf(tx, name, [payload]));
  await tx.query(
    `SELECT graphile_worker.add_job($1, payload := $2::json, queue_name := $3, max_attempts := ${MAX_ATTEMPTS}, job_key := $5,
       run_at := CASE WHEN $4::timestamptz IS NULL THEN now() ELSE GREATEST(now() + $6 * interval '1 ms',
         LEAST($4, (SELECT run_at FROM graphile_worker.jobs WHERE key = $5 AND locked_at IS NULL))) END)`,
    [stored, JSON.stringify(payload), queue, at, key, SOONEST_LATER_MS],
  );
}

/** The same for many places at once, to be done now. */
export async function addJobs<Name extends JobName>(
  tx: EntityManager,
  name: Name,
  payloads: readonly Jobs[Name][],
): Promise<void> {
  if (payloads.length === 0) return;
  const owners = await ownersOf(tx, name, payloads);
  const stored = payloads.map((payload) => storedAs(name, payload, owners));
  await tx.query(
    `SELECT FROM graphile_worker.add_jobs(ARRAY(
       SELECT (stored, payload, queue, NULL, ${MAX_ATTEMPTS}::smallint, key, NULL, NULL)::graphile_worker.job_spec
       FROM unnest($1::text[], $2::json[], $3::text[], $4::text[]) AS job(stored, payload, queue, key)))`,
    [
      stored.map(([job]) => job),
      payloads.map((payload) => JSON.stringify(payload)),
      stored.map(([, queue]) => queue),
      payloads.map((payload) => `${placeKey(name, payload)}:now`),
    ],
  );
}

function placeKey<Name extends JobName>(name: Name, payload: Jobs[Name]): string {
  return `${name}:${Object.values(payload).join(":")}`;
}

/** The name under which a job is stored, and its queue. */
function storedAs<Name extends JobName>(
  name: Name,
  payload: Jobs[Name],
  owners: ReadonlyMap<string, string>,
): [string, string] {
  const owner = "tokenId" in payload ? owners.get(payload.tokenId) : undefined;
  if (owner === undefined) return [name, QUEUES[name](payload)];
  return [AT_OWNER[name as keyof typeof AT_OWNER], `${owner}:calls`];
}

/** Of a job that is done for the owner of a token: the targets that own these tokens, by token; those of ours are left out. */
async function ownersOf<Name extends JobName>(
  tx: EntityManager,
  name: Name,
  payloads: readonly Jobs[Name][],
): Promise<ReadonlyMap<string, string>> {
  if (!(name in AT_OWNER)) return new Map();
  const tokenIds = payloads.flatMap((payload) => ("tokenId" in payload ? payload.tokenId : []));
  const owned = await rows<{ id: string; owner: string }>(
    tx,
    `SELECT id, target_id AS owner FROM token WHERE id = ANY($1) AND authority = '${TokenAuthority.TARGET}'`,
    [tokenIds],
  );
  return new Map(owned.map(({ id, owner }) => [id, owner]));
}

import { setTimeout as sleep } from "node:timers/promises";
import { mendToken, tokenMutation } from "./actions/at-service.js";
import type { Stage, StagedToken } from "./stage.js";
import { CALM } from "./weather.js";

const LOOK_MS = 50;

/** A wait this long in which nothing changes is a fault. */
const PATIENCE_MS = 60_000;

/** So is one this long, whatever changes. */
const LONGEST_MS = 600_000;

/** After so long time is made to pass: what waits for a later attempt is due now. */
const HURRY_MS = 250;

/** After so long even what the MDM may take days for is given up: its deadlines pass. */
const LAST_HURRY_MS = 8_000;

/** A large loss is believed only when a second read shows it again (rule 6 of the design), and may grow meanwhile. */
const FULL_READS = 6;

/** The history did not come to rest. */
export class RestlessError extends Error {
  override readonly name = "RestlessError";
}

/**
 * Ends every disturbance, gives the tokens back to the service, and waits until nothing is left to do, with a delta of each.
 * @throws RestlessError with what is still going on.
 */
export async function comeToRest(stage: Stage): Promise<void> {
  await endDisturbances(stage);
  for (const token of stage.tokens) await untilItWrites(stage, token);
  await rest(stage);
  for (const token of stage.tokens) await synchronized(stage, token, "DELTA");
  await rest(stage);
}

/** Reads everything of each token until nothing is held back any more. */
export async function readEverything(stage: Stage): Promise<void> {
  for (const token of stage.tokens) await readAllOf(stage, token);
}

async function readAllOf(stage: Stage, token: StagedToken): Promise<void> {
  for (let turn = 1; turn <= FULL_READS; turn += 1) {
    await tokenMutation(stage, token, "syncToken");
    const state = await synchronized(stage, token, "FULL");
    await rest(stage);
    if (state === "SUCCEEDED") return;
  }
  throw new RestlessError(`No full synchronisation succeeded in ${FULL_READS} turns.`);
}

async function endDisturbances({ control, tokens, simulator }: Stage): Promise<void> {
  await control("/switches", CALM as Record<string, unknown>);
  await control("/slow", { ms: 0 });
  await control("/unavailable", { ms: 0 });
  for (const { apple } of tokens) await apple.control("/finish-events");
  const { disturbances } = simulator.world;
  for (const { method = "GET", path = "/", count } of [...disturbances.failures]) {
    for (let left = count; left > 0; left -= 1) disturbances.takeFailure(method, path);
  }
}

/** Until it writes again. */
async function untilItWrites(stage: Stage, token: StagedToken): Promise<void> {
  await until(stage, "The token does not become writable", async () => {
    const state = await mendToken(stage, token);
    return ["ACTIVE", "EXPIRING"].includes(state) && (await worksAtApple(stage, token)) ? null : state;
  });
}

/** What the service has not noticed yet. */
async function worksAtApple({ ours }: Stage, { apple }: StagedToken): Promise<boolean> {
  const { token, mdmInfo } = apple.location;
  if (token.kind !== "full" || (token.revokedAt && token.revokedAt <= new Date())) return false;
  const [identity] = await ours.rows<{ id: string }>("SELECT mdm_id AS id FROM service_identity");
  return mdmInfo === undefined || mdmInfo.id === identity?.id;
}

const OF_LOCATION = "token_id = (SELECT id FROM token WHERE location_id = $1)";

/** Waits for a run of that kind that begins from now on, to its end. @returns how it ended. */
async function synchronized(stage: Stage, { apple }: StagedToken, mode: "FULL" | "DELTA"): Promise<string> {
  const location = apple.location.identity.uId;
  const [before] = await stage.ours.rows<{ id: string }>(
    `SELECT COALESCE(max(id), 0) AS id FROM sync_run WHERE ${OF_LOCATION} AND ended_at IS NOT NULL`,
    [location],
  );
  let state = "";
  await until(stage, `No ${mode} run ends`, async () => {
    const [run] = await stage.ours.rows<{ state: string }>(
      `SELECT state FROM sync_run WHERE ${OF_LOCATION} AND id > $2 AND mode = $3 AND ended_at IS NOT NULL
         AND state <> 'FAILED' ORDER BY id LIMIT 1`,
      [location, before?.id ?? "0", mode],
    );
    state = run?.state ?? "";
    return run ? null : "none yet";
  });
  return state;
}

/** Everything that is still to be done, in words; a time that is to come is no reason to wait. */
const UNREST_SQL = `
  SELECT 'operation ' || intent || ' ' || state || COALESCE(': ' || last_error, '') AS what FROM apple_operation WHERE ended_at IS NULL
  UNION ALL SELECT 'run ' || mode || ' ' || state FROM sync_run WHERE ended_at IS NULL
  UNION ALL SELECT 'licence ' || state FROM license WHERE state IN ('CLAIMING', 'RETURNING')
  UNION ALL SELECT 'registration ' || status FROM apple_user WHERE status = 'REQUESTED'
  UNION ALL SELECT 'installation ' || concat_ws(' ', i.state, i.reason, i.want, i.attempt, i.handle, 'device', device.state)
            FROM installation i LEFT JOIN device ON device.id = i.device_id
            WHERE i.state IN ('REQUESTED', 'CLAIMING', 'LICENSED', 'INSTALLING', 'REMOVING', 'RETURNING')
  UNION ALL SELECT 'job ' || task.identifier || COALESCE(' after ' || left(job.last_error, 200), '') FROM graphile_worker._private_jobs job
            JOIN graphile_worker._private_tasks task ON task.id = job.task_id
            WHERE (job.locked_at IS NOT NULL OR job.run_at <= now()) AND job.attempts < job.max_attempts
              AND task.identifier NOT IN ('sweep', 'schedule-sync', 'read-metadata', 'warn-of-expiry')
  UNION ALL SELECT 'notification' FROM apple_notification WHERE read_at IS NULL`;

async function rest(stage: Stage): Promise<void> {
  let quietLooks = 0;
  await until(stage, "It does not come to rest", async () => {
    const unrest = await stage.ours.rows<{ what: string }>(UNREST_SQL);
    quietLooks = unrest.length === 0 ? quietLooks + 1 : 0;
    return quietLooks >= 3 ? null : counted(unrest.map(({ what }) => what));
  });
}

function counted(all: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].map(([one, count]) => `${count} ${one}`).join("; ");
}

/** @param question null when it is so, otherwise what is seen instead. */
async function until(stage: Stage, complaint: string, question: () => Promise<string | null>): Promise<void> {
  const began = Date.now();
  let last = { seen: "", at: began };
  let hurryAt = Date.now() + HURRY_MS;
  for (;;) {
    const seen = await question();
    if (seen === null) return;
    if (seen !== last.seen) last = { seen, at: Date.now() };
    if (Date.now() > Math.min(last.at + PATIENCE_MS, began + LONGEST_MS)) {
      throw new RestlessError(`${complaint}: ${seen}`);
    }
    if (Date.now() > hurryAt) {
      await hurry(stage);
      if (Date.now() > began + LAST_HURRY_MS) await passDeadlines(stage);
      hurryAt = Date.now() + HURRY_MS;
    }
    await sleep(LOOK_MS);
  }
}

async function hurry({ ours }: Stage): Promise<void> {
  await ours.rows(
    "UPDATE apple_operation SET next_attempt_at = now() WHERE ended_at IS NULL AND state IN ('PENDING', 'UNKNOWN', 'SENT')",
  );
  await ours.rows("UPDATE store_app SET claims_resume_at = now() WHERE claims_resume_at > now()");
  await ours.rows("UPDATE target SET paused_until = now() WHERE paused_until > now()");
  await ours.rows("UPDATE installation SET next_look_at = now() WHERE next_look_at > now()");
  await ours.rows("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE run_at > now() AND locked_at IS NULL");
}

async function passDeadlines({ ours }: Stage): Promise<void> {
  await ours.rows("UPDATE installation SET deadline_at = now() WHERE deadline_at > now()");
}

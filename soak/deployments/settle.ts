import { setTimeout as sleep } from "node:timers/promises";
import { CALM } from "../sync/weather.js";
import { mendToken, tokenMutation } from "./mend-token.js";
import { passDays, passTime } from "./pass-time.js";
import { acceptInvitations } from "./perform-at-apple.js";
import { RestlessError } from "./restless-error.js";
import { attempt, type Stage, serialOf } from "./stage.js";

const LOOK_MS = 20;

/** A wait this long without rest is a fault. */
const PATIENCE_MS = 40_000;

/** How long what is under way may go on in the middle of a history. */
const WORK_MS = 1_500;

/** After so long time is made to pass: what waits for a later attempt is due now. */
const HURRY_MS = 60;

/** A large loss is believed only when a second read shows it again (rule 6). */
const FULL_READS = 6;

/** So many deadlines follow each other at most: a removal, an install after it, and what became of that. */
const DEADLINES = 4;

/**
 * Ends every disturbance, mends the token, lets the service see everything, does what an admin is asked to do, and waits
 * until nothing is left to do.
 * @throws RestlessError with what is still going on.
 */
export async function settle(stage: Stage): Promise<void> {
  await endDisturbances(stage);
  stage.watch.thaw();
  await until(stage, "The token does not become writable", async () => ((await mendToken(stage)) ? null : "not yet"));
  await importAll(stage);
  await rest(stage);
  await acceptAll(stage);
  await readEverything(stage);
  await letDaysPass(stage);
  await retryFailed(stage);
  await rest(stage);
  await readEverything(stage);
}

async function endDisturbances({ control, simulator, product, watch }: Stage): Promise<void> {
  watch.killAt = null;
  watch.holds = false;
  product.calmDown();
  if (product.listing === "partial") product.listing = "complete";
  const { disturbances } = simulator.world;
  for (const { method = "GET", path = "/", count } of [...disturbances.failures]) {
    for (let left = count; left > 0; left -= 1) disturbances.takeFailure(method, path);
  }
  await control("/release");
  await control("/switches", CALM as Record<string, unknown>);
  await control("/finish-events");
}

/** Imports what the MDM lists, until it has come in. */
export async function importAll(stage: Stage): Promise<void> {
  const before = await importsOf(stage);
  await askForImport(stage);
  await until(stage, "The holders do not come in", async () => {
    const now = await importsOf(stage);
    if (now.at !== before.at && now.waiting === 0) return null;
    if (now.waiting === 0) await askForImport(stage);
    return `imported at ${now.at}, ${now.error}, ${now.job}`;
  });
}

async function askForImport(stage: Stage): Promise<void> {
  await attempt(stage, "mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", {
    target: stage.target,
  });
}

interface Imports {
  readonly at: string | null;
  readonly error: string | null;
  readonly waiting: number;
  /** How it stands with the job. */
  readonly job: string | null;
}

/** A job that was replaced while a worker was at it, and whose worker was killed, stays, and is never tried again. */
async function importsOf({ ours }: Stage): Promise<Imports> {
  const [found] = await ours.rows<Imports>(
    `SELECT holders_imported_at::text AS at, import_error AS error,
            job.waiting, job.job
     FROM target,
       (SELECT count(*)::int AS waiting, string_agg(concat_ws(' ', 'attempt', attempts, 'at', run_at, 'locked at', locked_at, last_error), '; ') AS job
        FROM graphile_worker.jobs WHERE task_identifier = 'import-holders' AND attempts < max_attempts) job`,
  );
  return found ?? { at: null, error: null, waiting: 0, job: null };
}

/** Reads everything at Apple until nothing is held back any more, and lets what follows of it end. */
async function readEverything(stage: Stage): Promise<void> {
  for (let turn = 1; turn <= FULL_READS; turn += 1) {
    const [before] = await stage.ours.rows<{ id: string }>("SELECT COALESCE(max(id), 0) AS id FROM sync_run");
    await tokenMutation(stage, "syncToken");
    let state = "";
    await until(stage, "No full read ends", async () => {
      const [run] = await stage.ours.rows<{ state: string }>(
        "SELECT state FROM sync_run WHERE id > $1 AND mode = 'FULL' AND ended_at IS NOT NULL ORDER BY id LIMIT 1",
        [before?.id ?? "0"],
      );
      state = run?.state ?? "";
      return run ? null : "none yet";
    });
    await rest(stage);
    if (state === "SUCCEEDED") return;
  }
  throw new RestlessError(`No full read succeeded in ${FULL_READS} turns`);
}

/** Each time the next deadline of what a device has not done is over, from an install without an answer to the licence's return. */
async function letDaysPass(stage: Stage): Promise<void> {
  if (stage.world.troubled.size === 0) return;
  for (let turn = 1; turn <= DEADLINES; turn += 1) {
    await passDays(stage);
    await rest(stage);
  }
}

/** People who are willing open their invitations. */
async function acceptAll(stage: Stage): Promise<void> {
  for (const [user, { accepted }] of stage.world.users) if (accepted) await acceptInvitations(stage, user);
}

/** An admin tries again what has failed and need not have: devices that refuse go on refusing. */
async function retryFailed(stage: Stage): Promise<void> {
  const failed = await stage.ours.rows<{ id: string }>(
    `SELECT i.token_id || ' ' || i.id AS id FROM installation i JOIN device ON device.id = i.device_id
     WHERE i.left_at IS NULL AND i.state = 'FAILED' AND device.serial <> ALL($1)`,
    [stubbornSerials(stage)],
  );
  if (failed.length === 0) return;
  const { installations } = await stage.service.ask<{
    installations: { nodes: { id: string; device: { serial: string } }[] };
  }>("query { installations(first: 500, filter: { state: [FAILED] }) { nodes { id device { serial } } } }");
  for (const { id, device } of installations.nodes) {
    if (stubbornSerials(stage).includes(device.serial)) continue;
    await attempt(
      stage,
      "mutation ($id: ID!) { retryInstallation(input: { installation: $id }) { installation { id } } }",
      {
        id,
      },
    );
  }
}

/** Of the devices that do not do what they are told, and so are not waited for. */
export function stubbornSerials({ world }: Stage): string[] {
  return [...world.devices].flatMap(([device, { manner }]) => (manner === "good" ? [] : serialOf(device)));
}

/** Everything that is still to be done, in words; a time that is to come is no reason to wait. */
const UNREST_SQL = `
  SELECT 'operation ' || intent || ' ' || state || COALESCE(': ' || last_error, '') AS what FROM apple_operation WHERE ended_at IS NULL
  UNION ALL SELECT 'run ' || mode || ' ' || state FROM sync_run WHERE ended_at IS NULL
  UNION ALL SELECT 'licence ' || state FROM license WHERE state IN ('CLAIMING', 'RETURNING')
  UNION ALL SELECT 'registration ' || status FROM apple_user WHERE status = 'REQUESTED'
  UNION ALL SELECT 'installation ' || concat_ws(' ', i.state, i.reason, i.want, i.attempt, i.handle, device.serial)
            FROM installation i LEFT JOIN device ON device.id = i.device_id
            WHERE i.state IN ('REQUESTED', 'CLAIMING', 'RETURNING')
               OR i.state IN ('LICENSED', 'INSTALLING', 'REMOVING') AND device.serial <> ALL($1)
  UNION ALL SELECT 'job ' || task.identifier FROM graphile_worker._private_jobs job
            JOIN graphile_worker._private_tasks task ON task.id = job.task_id
            WHERE (job.locked_at IS NOT NULL OR job.run_at <= now()) AND job.attempts < job.max_attempts
              AND task.identifier NOT IN ('schedule-sync', 'read-metadata', 'warn-of-expiry', 'poll-steps')
  UNION ALL SELECT 'notification' FROM apple_notification WHERE read_at IS NULL`;

/** Waits until nothing is left to do. */
export async function rest(stage: Stage): Promise<void> {
  let quietLooks = 0;
  await until(stage, "It does not come to rest", async () => {
    const unrest = await stage.ours.rows<{ what: string }>(UNREST_SQL, [stubbornSerials(stage)]);
    quietLooks = unrest.length === 0 ? quietLooks + 1 : 0;
    return quietLooks >= 2 ? null : [...new Set(unrest.map(({ what }) => what))].join("; ");
  });
}

/** Lets what is under way for devices go on until nothing is, or a moment is over. */
export async function letWork(stage: Stage): Promise<void> {
  for (const end = Date.now() + WORK_MS; Date.now() < end; await sleep(LOOK_MS)) {
    const busy = await stage.ours.rows(
      `SELECT 1 FROM apple_operation WHERE ended_at IS NULL
       UNION ALL SELECT 1 FROM installation JOIN device ON device.id = device_id
                 WHERE installation.state IN ('REQUESTED', 'CLAIMING', 'LICENSED', 'INSTALLING', 'REMOVING', 'RETURNING')
                   AND device.serial <> ALL($1) LIMIT 1`,
      [stubbornSerials(stage)],
    );
    if (busy.length === 0) return;
    await passTime(stage, stubbornSerials(stage));
  }
}

/** @param question null when it is so, otherwise what is seen instead. */
async function until(stage: Stage, complaint: string, question: () => Promise<string | null>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let hurryAt = Date.now() + HURRY_MS;
  for (;;) {
    const seen = await question();
    if (seen === null) return;
    if (Date.now() > end) throw new RestlessError(`${complaint}: ${seen}`);
    if (Date.now() > hurryAt) {
      await passTime(stage, stubbornSerials(stage));
      hurryAt = Date.now() + HURRY_MS;
    }
    await sleep(LOOK_MS);
  }
}

import type { Stage } from "./stage.js";

/** What must hold of our own data whatever has happened; each row found is one fault. */
const FAULTS: readonly { readonly what: string; readonly sql: string }[] = [
  {
    what: "the count of holdings is not the number of open licences",
    sql: `SELECT app.adam_id || ' counts ' || app.held_count || ' and has ' || count(license.id) AS row
          FROM store_app app LEFT JOIN license ON license.token_id = app.token_id AND license.store_app_id = app.id
                                              AND license.ended_at IS NULL
          GROUP BY app.token_id, app.id HAVING app.held_count <> count(license.id)`,
  },
  {
    what: "a holder has two open licences of one app",
    sql: `SELECT store_app_id || ' ' || holder_key AS row FROM license WHERE ended_at IS NULL
          GROUP BY token_id, store_app_id, holder_kind, holder_key HAVING count(*) > 1`,
  },
  {
    what: "an operation is open",
    sql: "SELECT intent || ' ' || state AS row FROM apple_operation WHERE ended_at IS NULL",
  },
  {
    what: "an operation has ended without an outcome for each holder",
    sql: `SELECT op.intent || ' ' || holder.holder_key AS row FROM apple_operation op
          JOIN apple_operation_holder holder ON holder.token_id = op.token_id AND holder.operation_id = op.id
          WHERE op.ended_at IS NOT NULL AND holder.outcome = 'OPEN'`,
  },
  {
    what: "a licence or a registration waits for an operation that is over",
    sql: `SELECT concat_ws(' ', what, of.state, key, 'of', op.intent, op.state, holder.outcome, holder.error_number) AS row
          FROM (SELECT 'licence' AS what, token_id, operation_id, state, holder_key AS key FROM license
                UNION ALL SELECT 'registration', token_id, operation_id, status, client_user_id FROM apple_user) of
          JOIN apple_operation op ON op.token_id = of.token_id AND op.id = of.operation_id
          LEFT JOIN apple_operation_holder holder
                 ON holder.token_id = op.token_id AND holder.operation_id = op.id AND holder.holder_key = of.key`,
  },
  {
    // One that runs while a newer one takes its key is marked in the same way, and loses the key.
    what: "a job has been given up",
    sql: `SELECT concat_ws(' after ', task.identifier, job.last_error) AS row FROM graphile_worker._private_jobs job
          JOIN graphile_worker._private_tasks task ON task.id = job.task_id WHERE job.attempts >= job.max_attempts AND job.key IS NOT NULL`,
  },
  {
    what: "an app is installed without a licence that is held",
    sql: `SELECT i.id || ' ' || COALESCE(license.state, 'no licence') AS row FROM installation i
          LEFT JOIN license ON license.token_id = i.token_id AND license.id = i.license_id
          WHERE i.state = 'INSTALLED' AND license.state IS DISTINCT FROM 'HELD'`,
  },
  {
    what: "a person has two live registrations",
    sql: `SELECT user_id::text AS row FROM apple_user
          WHERE user_id IS NOT NULL AND status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED')
          GROUP BY token_id, user_id HAVING count(*) > 1`,
  },
];

interface ExternalLicense {
  readonly location: string;
  readonly app: string;
  readonly holder: string;
  readonly start_cause: string;
  readonly end_cause: string | null;
}

/** Faults of the ledger itself: against its own rules, and against who has really given and taken. */
export async function checkLedger({ ours, hands }: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const { what, sql } of FAULTS) {
    for (const { row } of await ours.rows<{ row: string }>(sql)) found.push(`${what}: ${row}`);
  }
  const external = await ours.rows<ExternalLicense>(
    `SELECT token.location_id AS location, app.adam_id || ':' || app.pricing_param AS app,
            license.holder_kind || ':' || license.holder_key AS holder, start_cause, end_cause
     FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = license.store_app_id
     JOIN token ON token.id = license.token_id
     WHERE start_cause = 'EXTERNAL' OR end_cause = 'EXTERNAL'`,
  );
  for (const { start_cause, end_cause, ...place } of external) {
    if (start_cause === "EXTERNAL" && !hands.gave(place)) found.push(`nobody else gave ${JSON.stringify(place)}`);
    if (end_cause === "EXTERNAL" && !hands.took(place)) found.push(`nobody else took ${JSON.stringify(place)}`);
  }
  return found;
}

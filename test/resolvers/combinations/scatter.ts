import type { DataSource } from "typeorm";

/** Few values each, so that rows tie; and some have none. */
const text = (words: string, orNull = false) =>
  `(ARRAY['${words.split(" ").join("','")}'${orNull ? ", NULL" : ""}])[1 + floor(random() * ${words.split(" ").length + (orNull ? 1 : 0)})::int]`;
const moment = (orNull = false) =>
  `CASE WHEN random() < ${orNull ? 0.3 : 0} THEN NULL ELSE TIMESTAMPTZ '2030-01-01Z' + floor(random() * 5) * interval '1 day' END`;
const count = "floor(random() * 12)::int";

const STATEMENTS = [
  `UPDATE alert SET raised_at = ${moment()}`,
  `UPDATE api_key SET created_at = ${moment()}`,
  `UPDATE apple_operation SET created_at = ${moment()}, intent = ${text("ASSOCIATE DISASSOCIATE")}`,
  `UPDATE apple_user SET status = ${text("REGISTERED RETIRED")}`,
  `UPDATE application SET created_at = ${moment()}`,
  `UPDATE audit_event SET at = ${moment()}, mutation = ${text("addToken syncToken")}`,
  `UPDATE collection SET added_at = ${moment()}`,
  `UPDATE deployment SET created_at = ${moment()}, action_at = ${moment()}`,
  `UPDATE device SET name = ${text("maple birch oak", true)}, last_seen_at = ${moment(true)},
     platform = ${text("iOS macOS", true)}, state = ${text("ENROLLED WIPED")}`,
  `UPDATE installation SET state_at = ${moment()}`,
  // What the ledger says is not rewritten.
  `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, state, started_at, start_cause, start_actor, assigned_at)
   SELECT token_id, id, 'DEVICE', gen_random_uuid(), 'HELD', ${moment()}, 'SYNC', 'apple', now() FROM store_app`,
  `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, state, started_at, start_cause, start_actor, assigned_at,
     ended_at, end_cause, end_actor)
   SELECT token_id, id, 'DEVICE', gen_random_uuid(), ${text("ENDED REFUSED")}, ${moment()}, 'SYNC', 'apple', now(),
     ${moment()}, 'SYNC', 'apple' FROM store_app`,
  `UPDATE stock_change SET seen_at = ${moment()}`,
  `UPDATE store_app SET name = ${text("maps notes Notes", true)}, total_count = CASE WHEN random() < 0.2 THEN 2147483647 ELSE ${count} END,
     assigned_count = ${count}, available_count = ${count}, platforms = ARRAY[${text("iOS macOS")}],
     product_type = ${text("APP APP BOOK")}`,
  `UPDATE sync_run SET started_at = ${moment()}, state = ${text("FAILED SUCCEEDED")}`,
  `UPDATE target SET added_at = ${moment()}`,
  `UPDATE token SET name = ${text("red blue Blue")}, added_at = ${moment()}, expires_at = ${moment(true)}`,
  `UPDATE "user" SET display_name = ${text("ann bea Bea", true)}, left_at = ${moment(true)}`,
];

/** Gives what was planted many values; the same with every run. */
export async function scatter(db: DataSource): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query("SELECT setseed(0.5)");
    for (const statement of STATEMENTS) await tx.query(statement);
  });
}

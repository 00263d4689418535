import { afterEach, beforeEach, expect, it } from "vitest";
import { forgetPast } from "../../../src/sync/watch/forget-past.js";
import { SampleRows } from "../../http/sample-rows.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";

let world: TargetWorld;
beforeEach(async () => {
  world = await createTargetWorld([]);
});
afterEach(() => world.stop());

/** A moment so many days ago, by the clock that TIME_SCALE speeds up. */
const ago = (days: number) =>
  new Date(world.core.clock.now().getTime() - world.core.clock.scaled(days * 86_400_000)).toISOString();

it("forgets old alerts, messages, events and answers, but nothing that is open, unread or young", async () => {
  const rows = new SampleRows(world.core.dataSource);
  const target = await rows.target();
  await world.read(
    `INSERT INTO alert (id, kind, subject, message, raised_at, cleared_at) VALUES
       (gen_random_uuid(), 'LOW_STOCK', 'old', '', $1, $1), (gen_random_uuid(), 'LOW_STOCK', 'young', '', $1, $2),
       (gen_random_uuid(), 'LOW_STOCK', 'open', '', $1, NULL)`,
    [ago(91), ago(89)],
  );
  await world.read(
    `WITH endpoint AS (INSERT INTO webhook_endpoint (id, url, secret, kinds, added_at, added_by)
                       VALUES (gen_random_uuid(), 'http://x', 'x', '{}', $1, 'x') RETURNING id)
     INSERT INTO webhook_delivery (id, endpoint_id, type, data, state, error, created_at, next_attempt_at, ended_at)
     SELECT gen_random_uuid(), id, 'alerts.digest', '{}', state, name, $1, $1, at
     FROM endpoint, (VALUES ('old', 'DELIVERED', $1::timestamptz), ('young', 'DELIVERED', $2), ('waiting', 'PENDING', NULL))
          AS sent(name, state, at)`,
    [ago(31), ago(29)],
  );
  await world.read(
    `INSERT INTO webhook_event (target_id, headers, body, received_at, read_at, error) VALUES
       ($1, '{}', '', $2, $2, 'old'), ($1, '{}', '', $2, $3, 'young'), ($1, '{}', '', $2, NULL, 'unread')`,
    [target.id, ago(8), ago(6)],
  );
  await world.read(
    `INSERT INTO mutation_answer (actor, idempotency_key, mutation, input_digest, answer, created_at) VALUES
       ('admin', 'old', '', '', '{}', $1), ('admin', 'young', '', '', '{}', $2)`,
    [ago(31), ago(29)],
  );
  await world.core.dataSource.transaction((tx) => forgetPast(tx, world.core));

  const kept = async (table: string, name: string) =>
    (await world.read<{ name: string }>(`SELECT ${name} AS name FROM ${table} ORDER BY 1`)).map((row) => row.name);
  expect(await kept("alert", "subject")).toEqual(["open", "young"]);
  expect(await kept("webhook_delivery", "error")).toEqual(["waiting", "young"]);
  expect(await kept("webhook_event", "error")).toEqual(["unread", "young"]);
  expect(await kept("mutation_answer", "idempotency_key")).toEqual(["young"]);
});

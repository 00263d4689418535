import { WebhookDeliveryState } from "../../../entities/webhook-delivery.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob, type Jobs } from "../../jobs.js";
import { type Answer, type DueMessage, postMessage } from "./post-message.js";
import { UNSENT_SQL } from "./unsent-sql.js";

/** Before the second attempt; twice as long before each further one, up to the longest. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;
/** So long after it was written a message is given up when it fails again. */
const GIVE_UP_AFTER_MS = 3 * 86_400_000;
/** A job ends after so many, and after one that was not taken; another goes on when it is its turn: no endpoint keeps others waiting. */
const MOST_AT_ONCE = 10;

/** Sends an endpoint what is due, each message at most once an attempt, and comes back when the next one is. */
export async function sendWebhooks(core: Core, { endpointId }: Jobs["send-webhooks"]): Promise<void> {
  for (let sent = 0; sent < MOST_AT_ONCE; sent += 1) {
    const message = await beginAttempt(core, endpointId);
    if (!message) break;
    const answer = await postMessage(core, message);
    await settle(core, message, answer);
    if (answer.error !== null) break;
  }
  await core.dataSource.transaction(async (tx) => {
    const next = await row<{ at: Date | null }>(
      tx,
      `SELECT min(next_attempt_at) AS at FROM webhook_delivery unsent WHERE endpoint_id = $1 AND ${UNSENT_SQL}`,
      [endpointId],
    );
    if (next?.at) await addJob(tx, "send-webhooks", { endpointId }, next.at);
  });
}

/** Counts the attempt and sets the next one before it begins: a crash meanwhile repeats it, and loses nothing. */
function beginAttempt(core: Core, endpointId: string): Promise<DueMessage | null> {
  const { now, scaled, random } = core.clock;
  return row<DueMessage>(
    core.dataSource,
    `UPDATE webhook_delivery SET attempts = attempts + 1,
       next_attempt_at = $2::timestamptz + LEAST($3::float8 * 2 ^ LEAST(attempts, 30), $4) * interval '1 ms'
     FROM webhook_endpoint endpoint
     WHERE endpoint.id = $1 AND webhook_delivery.id = (
       SELECT id FROM webhook_delivery unsent WHERE endpoint_id = $1 AND next_attempt_at <= $2 AND ${UNSENT_SQL}
       ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING webhook_delivery.id, endpoint_id, url, secret, type, data, attempts, created_at`,
    [endpointId, now(), scaled(FIRST_PAUSE_MS) * (0.9 + 0.2 * random()), scaled(LONGEST_PAUSE_MS)],
  );
}

async function settle(core: Core, message: DueMessage, { statusCode, error }: Answer): Promise<void> {
  const now = core.clock.now();
  const isTooOld = message.created_at.getTime() + core.clock.scaled(GIVE_UP_AFTER_MS) <= now.getTime();
  const failed = isTooOld ? WebhookDeliveryState.GIVEN_UP : WebhookDeliveryState.PENDING;
  const state = error === null ? WebhookDeliveryState.DELIVERED : failed;
  if (error !== null) core.log.warn({ endpointId: message.endpoint_id, error, state }, "A webhook was not taken");
  await core.dataSource.transaction(async (tx) => {
    const settled = await row(
      tx,
      `UPDATE webhook_delivery SET state = $3, status_code = $4, error = $5, ended_at = $6
       WHERE id = $1 AND attempts = $2 AND ended_at IS NULL RETURNING id`,
      [message.id, message.attempts, state, statusCode, error, state === WebhookDeliveryState.PENDING ? null : now],
    );
    if (!settled) return;
    await tx.query(
      "UPDATE webhook_endpoint SET delivered_at = CASE WHEN $2::text IS NULL THEN $3 ELSE delivered_at END, last_error = $2 WHERE id = $1",
      [message.endpoint_id, isTooOld && error !== null ? `A message was given up. ${error}` : error, now],
    );
  });
}

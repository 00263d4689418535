import type { EntityManager } from "typeorm";
import type { AlertKind } from "../../../entities/alert.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { WebhookMessageType } from "../../../entities/webhook-delivery.js";
import { row, rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { addDelivery } from "./add-delivery.js";
import { type Digest, type DigestAlert, type DigestPart, digestFor, joinDigests, MOST_NAMED } from "./digest.js";

/** After a message to an endpoint the next one is not sent sooner: what many tokens raise one by one is told in few. */
const PAUSE_MS = 15 * 60_000;

interface NoticedPart {
  readonly cleared: boolean;
  readonly kind: AlertKind;
  readonly alerts: readonly DigestAlert[];
  readonly others: readonly string[];
}

/**
 * Makes one message an endpoint of all that was raised and cleared since the last one. While an endpoint does not take the
 * message before it, and for a while after one, what comes joins the one that waits: however long it is away, it then gets one.
 */
export async function digestAlerts(core: Core): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const digest = await takeNotices(tx);
    const endpoints = await rows<{ id: string; kinds: AlertKind[] }>(
      tx,
      "SELECT id, kinds FROM webhook_endpoint ORDER BY id FOR KEY SHARE",
    );
    for (const { id, kinds } of endpoints) {
      const wanted = digestFor(kinds, digest);
      if (wanted) await tell(tx, core, id, wanted);
    }
  });
}

/** Of an alert that was raised and cleared, only the last counts. Those that are not named come as ids alone. */
async function takeNotices(tx: EntityManager): Promise<Digest> {
  const parts = await rows<NoticedPart>(
    tx,
    `WITH taken AS (DELETE FROM alert_notice RETURNING *),
          latest AS (SELECT DISTINCT ON (alert_id) * FROM taken ORDER BY alert_id, id DESC),
          placed AS (SELECT *, row_number() OVER (PARTITION BY cleared, kind ORDER BY id) AS place FROM latest)
     SELECT cleared, kind,
            json_agg(json_build_object('id', alert_id, 'subject', subject, 'message', message, 'at', noticed_at)
                     ORDER BY place) FILTER (WHERE place <= $1) AS alerts,
            COALESCE(array_agg(alert_id::text ORDER BY place) FILTER (WHERE place > $1), '{}') AS others
     FROM placed GROUP BY cleared, kind ORDER BY cleared, kind`,
    [MOST_NAMED],
  );
  return {
    raised: parts.filter(({ cleared }) => !cleared).map(partOf),
    cleared: parts.filter(({ cleared }) => cleared).map(partOf),
  };
}

function partOf({ kind, alerts, others }: NoticedPart): DigestPart {
  return {
    kind,
    alerts: alerts.map((alert) => ({ ...alert, id: idOf(alert.id), at: new Date(alert.at).toISOString() })),
    others: others.map(idOf),
  };
}

function idOf(alertId: string): string {
  return encodeGlobalId("Alert", alertId);
}

async function tell(tx: EntityManager, core: Core, endpointId: string, digest: Digest): Promise<void> {
  const waiting = await row<{ id: string; data: Digest }>(
    tx,
    `SELECT id, data FROM webhook_delivery
     WHERE endpoint_id = $1 AND type = '${WebhookMessageType.DIGEST}' AND ended_at IS NULL AND attempts = 0 FOR UPDATE`,
    [endpointId],
  );
  if (waiting) {
    await tx.query("UPDATE webhook_delivery SET data = $2, created_at = $3 WHERE id = $1", [
      waiting.id,
      JSON.stringify(joinDigests(waiting.data, digest)),
      core.clock.now(),
    ]);
  } else {
    const last = await row<{ at: Date | null }>(
      tx,
      `SELECT max(created_at) AS at FROM webhook_delivery WHERE endpoint_id = $1 AND type = '${WebhookMessageType.DIGEST}'`,
      [endpointId],
    );
    const at = last?.at ? new Date(last.at.getTime() + core.clock.scaled(PAUSE_MS)) : null;
    await addDelivery(tx, core, endpointId, { type: WebhookMessageType.DIGEST, data: digest, at });
  }
  await addJob(tx, "send-webhooks", { endpointId });
}

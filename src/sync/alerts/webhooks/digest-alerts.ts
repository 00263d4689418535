import type { EntityManager } from "typeorm";
import type { AlertKind } from "../../../entities/alert.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { WebhookMessageType } from "../../../entities/webhook-delivery.js";
import { row, rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { addDelivery } from "./add-delivery.js";
import { type Digest, type DigestPart, digestFor, joinDigests, MOST_NAMED } from "./digest.js";

interface NoticeRow {
  alert_id: string;
  kind: AlertKind;
  subject: string;
  message: string;
  cleared: boolean;
  noticed_at: Date;
  count: number;
}

/**
 * Makes one message an endpoint of all that was raised and cleared since the last one. While an endpoint does not take the
 * message before it, what comes joins the one that waits: however long it is away, it then gets one.
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

/** Of an alert that was raised and cleared, only the last counts. */
async function takeNotices(tx: EntityManager): Promise<Digest> {
  const notices = await rows<NoticeRow>(
    tx,
    `WITH taken AS (DELETE FROM alert_notice RETURNING *),
          latest AS (SELECT DISTINCT ON (alert_id) * FROM taken ORDER BY alert_id, id DESC),
          placed AS (SELECT *, row_number() OVER (PARTITION BY cleared, kind ORDER BY id) AS place,
                            count(*) OVER (PARTITION BY cleared, kind)::int AS count FROM latest)
     SELECT alert_id, kind, subject, message, cleared, noticed_at, count FROM placed WHERE place <= $1
     ORDER BY cleared, kind, place`,
    [MOST_NAMED],
  );
  return {
    raised: partsOf(notices.filter(({ cleared }) => !cleared)),
    cleared: partsOf(notices.filter(({ cleared }) => cleared)),
  };
}

function partsOf(notices: readonly NoticeRow[]): DigestPart[] {
  return [...new Set(notices.map(({ kind }) => kind))].map((kind) => {
    const ofKind = notices.filter((notice) => notice.kind === kind);
    const count = ofKind[0]?.count ?? 0;
    const alerts = ofKind.map(({ alert_id, subject, message, noticed_at }) => {
      return { id: encodeGlobalId("Alert", alert_id), subject, message, at: noticed_at.toISOString() };
    });
    return { kind, count, more: count - alerts.length, alerts };
  });
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
    await addDelivery(tx, core, endpointId, WebhookMessageType.DIGEST, digest);
  }
  await addJob(tx, "send-webhooks", { endpointId });
}

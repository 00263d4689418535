import { AppleOperationState } from "../../../entities/apple-operation.js";
import { row, rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import type { Interpretation } from "./interpret-notification.js";
import { appKey, type NotificationFacts } from "./judge-notification.js";

/**
 * What is known of the operations and apps that notifications name. Whether something is being sent is asked first: an
 * operation that gets the id of its event after that is found by it.
 */
export async function notificationFacts(
  core: Core,
  tokenId: string,
  read: readonly Interpretation[],
): Promise<NotificationFacts> {
  const sending = await row(
    core.dataSource,
    `SELECT 1 FROM apple_operation
     WHERE token_id = $1 AND ended_at IS NULL AND state = '${AppleOperationState.SENDING}' LIMIT 1`,
    [tokenId],
  );
  const eventIds = read.flatMap((one) => (one.about === "change" ? (one.eventId ?? []) : []));
  const operations = await rows<{ id: string; event_id: string; state: AppleOperationState }>(
    core.dataSource,
    "SELECT id, event_id, state FROM apple_operation WHERE token_id = $1 AND event_id = ANY($2)",
    [tokenId, eventIds],
  );
  const stock = read.flatMap((one) => (one.about === "stock" ? one : []));
  const apps = await rows<{ id: string; adam_id: string; pricing_param: string }>(
    core.dataSource,
    `SELECT id, adam_id, pricing_param FROM store_app
     WHERE token_id = $1 AND unlisted_at IS NULL AND (adam_id, pricing_param) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
    [tokenId, stock.map((one) => one.adamId), stock.map((one) => one.pricingParam)],
  );
  return {
    sending: sending !== null,
    operations: new Map(
      operations.map(({ id, event_id, state }) => [event_id, { id, sent: state === AppleOperationState.SENT }]),
    ),
    apps: new Map(apps.map(({ id, adam_id, pricing_param }) => [appKey(adam_id, pricing_param), id])),
  };
}

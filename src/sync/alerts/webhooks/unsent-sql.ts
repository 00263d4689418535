import { WebhookMessageType } from "../../../entities/webhook-delivery.js";

/** SQL for whether it is a message's turn (alias `unsent`): digests go out one after the other, so that none is told too early. */
export const UNSENT_SQL = `unsent.ended_at IS NULL AND (unsent.type <> '${WebhookMessageType.DIGEST}' OR NOT EXISTS (
  SELECT FROM webhook_delivery earlier
  WHERE earlier.endpoint_id = unsent.endpoint_id AND earlier.ended_at IS NULL AND earlier.type = unsent.type
    AND (earlier.created_at, earlier.id) < (unsent.created_at, unsent.id)))`;

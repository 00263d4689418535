import type { EntityManager } from "typeorm";
import type { WebhookMessageType } from "../../../entities/webhook-delivery.js";
import type { Core } from "../../core.js";

/** Writes a message that is to be sent at once. @returns its id. */
export async function addDelivery(
  tx: EntityManager,
  core: Core,
  endpointId: string,
  type: WebhookMessageType,
  data: object,
): Promise<string> {
  const id = core.clock.uuid();
  await tx.query(
    "INSERT INTO webhook_delivery (id, endpoint_id, type, data, created_at, next_attempt_at) VALUES ($1, $2, $3, $4, $5, $5)",
    [id, endpointId, type, JSON.stringify(data), core.clock.now()],
  );
  return id;
}

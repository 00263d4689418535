import type { EntityManager } from "typeorm";
import type { WebhookMessageType } from "../../../entities/webhook-delivery.js";
import type { Core } from "../../core.js";

/** A message to an endpoint. */
interface Delivery {
  readonly type: WebhookMessageType;
  readonly data: object;
  /** Not to be sent sooner; null: at once. */
  readonly at: Date | null;
}

/** Writes a message that is to be sent. @returns its id. */
export async function addDelivery(
  tx: EntityManager,
  core: Core,
  endpointId: string,
  { type, data, at }: Delivery,
): Promise<string> {
  const id = core.clock.uuid();
  await tx.query(
    "INSERT INTO webhook_delivery (id, endpoint_id, type, data, created_at, next_attempt_at) VALUES ($1, $2, $3, $4, $5, GREATEST($5::timestamptz, $6))",
    [id, endpointId, type, JSON.stringify(data), core.clock.now(), at],
  );
  return id;
}

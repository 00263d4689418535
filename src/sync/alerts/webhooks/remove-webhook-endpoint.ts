import type { EntityManager } from "typeorm";
import { WebhookEndpoint } from "../../../entities/webhook-endpoint.js";
import { missing } from "../../../queries/node-key.js";
import { row } from "../../../queries/sql.js";

/** Removes an endpoint with its messages; what has not been sent is not. @throws AppError NOT_FOUND. */
export async function removeWebhookEndpoint(tx: EntityManager, id: string): Promise<void> {
  const removed = await row(tx, "DELETE FROM webhook_endpoint WHERE id = $1 RETURNING id", [id]);
  if (!removed) missing(WebhookEndpoint, id);
}

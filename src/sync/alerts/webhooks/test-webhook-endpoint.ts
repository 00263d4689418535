import type { EntityManager } from "typeorm";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { WebhookMessageType } from "../../../entities/webhook-delivery.js";
import { WebhookEndpoint } from "../../../entities/webhook-endpoint.js";
import { missing } from "../../../queries/node-key.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { addDelivery } from "./add-delivery.js";

/** Sends an endpoint a message that says nothing. @returns the message's id. @throws AppError NOT_FOUND. */
export async function testWebhookEndpoint(tx: EntityManager, core: Core, endpointId: string): Promise<string> {
  const endpoint = await row(tx, "SELECT FROM webhook_endpoint WHERE id = $1 FOR KEY SHARE", [endpointId]);
  if (!endpoint) missing(WebhookEndpoint, endpointId);
  const data = { endpoint: encodeGlobalId("WebhookEndpoint", endpointId) };
  const id = await addDelivery(tx, core, endpointId, { type: WebhookMessageType.TEST, data, at: null });
  await addJob(tx, "send-webhooks", { endpointId });
  return id;
}

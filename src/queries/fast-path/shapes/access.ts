import { ApiKey } from "../../../entities/api-key.js";
import { AuditEvent } from "../../../entities/audit-event.js";
import { WebhookDelivery } from "../../../entities/webhook-delivery.js";
import { WebhookEndpoint } from "../../../entities/webhook-endpoint.js";
import { byEndpoint } from "../../columns.js";
import { webhookDeliveryList } from "../../lists/webhook-deliveries.js";
import { related } from "../connection-json.js";
import { oneWhere, value } from "../objects.js";
import type { Shape } from "../shape.js";

/** What is about the whole installation. */
export const accessShapes: Readonly<Record<string, Shape>> = {
  ApiKey: { entity: ApiKey },
  AuditEvent: { entity: AuditEvent },
  WebhookDelivery: { entity: WebhookDelivery, fields: { messageId: value((row) => `${row}.id`) } },
  WebhookEndpoint: {
    entity: WebhookEndpoint,
    fields: {
      deliveries: related(webhookDeliveryList, byEndpoint),
      lastDelivery: oneWhere(WebhookDelivery, ({ row }) => [
        [
          `(SELECT newest.id FROM webhook_delivery newest WHERE newest.endpoint_id = ${row}.id
            ORDER BY newest.created_at DESC, newest.id DESC LIMIT 1)`,
        ],
      ]),
    },
  },
};

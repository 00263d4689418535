import { WebhookDelivery } from "../../entities/webhook-delivery.js";
import { ID_KEY } from "../columns.js";
import { isAmong } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { toNoTeam } from "../scopes.js";

interface WebhookDeliveryFilter {
  readonly state?: readonly string[] | null;
}

export const webhookDeliveryList: List<WebhookDelivery, WebhookDeliveryFilter, never> = {
  name: "webhookDeliveryList",
  from: "webhook_delivery",
  scope: toNoTeam,
  key: ID_KEY,
  filters: {
    state: (states) => isAmong("state", states),
  },
  orders: {},
  defaultOrder: { column: { name: "created_at", type: "timestamptz" }, direction: "DESC" },
  read: (db, raw) => hydrate(db, WebhookDelivery, raw),
};

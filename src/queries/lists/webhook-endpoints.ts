import { WebhookEndpoint } from "../../entities/webhook-endpoint.js";
import { ID_KEY } from "../columns.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { toNoTeam } from "../scopes.js";

export const webhookEndpointList: List<WebhookEndpoint, Record<never, never>, never> = {
  name: "webhookEndpointList",
  from: "webhook_endpoint",
  scope: toNoTeam,
  key: ID_KEY,
  filters: {},
  orders: {},
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, WebhookEndpoint, raw),
};

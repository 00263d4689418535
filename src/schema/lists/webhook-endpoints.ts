import { WebhookEndpoint } from "../../entities/webhook-endpoint.js";
import { connectionOf } from "../connection.js";

export const WebhookEndpointConnection = connectionOf("WebhookEndpoint", "webhook endpoints", () => WebhookEndpoint);

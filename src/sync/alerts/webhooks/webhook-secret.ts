import { randomBytes } from "node:crypto";
import { WebhookEndpoint } from "../../../entities/webhook-endpoint.js";
import { missing } from "../../../queries/node-key.js";
import { type Reader, row } from "../../../queries/sql.js";
import type { SecretBox, SecretPlace } from "../../core.js";

/** What the Standard Webhooks convention asks for: 24 to 64 bytes of chance. */
const SECRET_BYTES = 32;

/** A new secret, as the libraries of Standard Webhooks take it. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
}

/** Where an endpoint's secret is stored. */
export function webhookSecretPlace(endpointId: string): SecretPlace {
  return { table: "webhook_endpoint", column: "secret", row: endpointId };
}

/** The secret of an endpoint, for who has just added it. @throws AppError NOT_FOUND. */
export async function readWebhookSecret(db: Reader, secrets: SecretBox, endpointId: string): Promise<string> {
  const found = await row<{ secret: string }>(db, "SELECT secret FROM webhook_endpoint WHERE id = $1", [endpointId]);
  return found ? secrets.open(found.secret, webhookSecretPlace(endpointId)) : missing(WebhookEndpoint, endpointId);
}

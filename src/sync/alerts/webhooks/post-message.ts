import { Webhook } from "standardwebhooks";
import { WebhookMessageType } from "../../../entities/webhook-delivery.js";
import { AppError } from "../../../errors.js";
import { PluginError } from "../../../plugins/contract.js";
import type { Core } from "../../core.js";
import { type Digest, toldOf } from "./digest.js";
import { webhookSecretPlace } from "./webhook-secret.js";

/** A message that is about to be sent once more. */
export interface DueMessage {
  readonly id: string;
  readonly endpoint_id: string;
  readonly url: string;
  /** Sealed. */
  readonly secret: string;
  readonly type: WebhookMessageType;
  readonly data: object;
  readonly attempts: number;
  readonly created_at: Date;
}

/** What came of it: taken when there is no error. */
export interface Answer {
  readonly statusCode: number | null;
  readonly error: string | null;
}

/** Signs a message by the Standard Webhooks convention and posts it. The body is the same at each attempt; what is answered beside the status is not read. */
export async function postMessage(core: Core, message: DueMessage): Promise<Answer> {
  const { id, type, data, created_at } = message;
  const told = type === WebhookMessageType.DIGEST ? toldOf(data as Digest) : data;
  const body = JSON.stringify({ type, timestamp: created_at.toISOString(), data: told });
  try {
    const now = core.clock.now();
    const secret = core.secrets.open(message.secret, webhookSecretPlace(message.endpoint_id));
    const { status } = await core.webhooks.fetch(message.url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "user-agent": "Allotment",
        "webhook-id": id,
        "webhook-timestamp": `${Math.floor(now.getTime() / 1_000)}`,
        "webhook-signature": new Webhook(secret).sign(id, now, body),
      },
    });
    const taken = status >= 200 && status < 300;
    return {
      statusCode: status,
      error: taken ? null : `It answered with the status ${status}, not with one from 200 to 299.`,
    };
  } catch (error) {
    if (error instanceof PluginError || error instanceof AppError) return { statusCode: null, error: error.message };
    throw error;
  }
}

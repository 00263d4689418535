import { PluginError, type WebhookReading, type WebhookRequest } from "../contract.js";
import { type EventAt, NOTHING } from "./event.js";
import { readCheckin } from "./read-checkin.js";
import { readReply } from "./read-reply.js";
import { type WebhookEvent, webhookEvent } from "./wire.js";

/**
 * What one event of the server tells. Pure.
 * @throws PluginError `internal` for what is no such event.
 */
export function readEvent({ body, receivedAt }: WebhookRequest): WebhookReading {
  const event = parseEvent(body);
  const { acknowledge_event: acknowledged, checkin_event: checkedIn } = event;
  const raw = acknowledged?.raw_payload ?? checkedIn?.raw_payload ?? "";
  const told: EventAt = { at: timeOf(event, receivedAt), payload: Buffer.from(raw, "base64") };
  if (acknowledged) return readReply(acknowledged, told);
  if (checkedIn) return readCheckin(event.topic, checkedIn, told);
  return NOTHING;
}

function parseEvent(body: Uint8Array): WebhookEvent {
  try {
    return webhookEvent.parse(JSON.parse(Buffer.from(body).toString("utf8")));
  } catch (cause) {
    throw new PluginError("internal", "This is no webhook event of NanoMDM or MicroMDM.", { cause });
  }
}

/** A server's clock that runs ahead would make later news look old. */
function timeOf({ created_at }: WebhookEvent, receivedAt: Date): Date {
  const at = new Date(created_at ?? "");
  return at <= receivedAt && at.getTime() >= 0 ? at : receivedAt;
}

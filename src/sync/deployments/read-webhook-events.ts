import type { WebhookEvent } from "../../entities/webhook-event.js";
import type { WebhookReading } from "../../plugins/contract.js";
import { PluginError } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { mergeDevices, mergeUsers } from "../holders/merge-holders.js";
import type { Jobs } from "../jobs.js";
import { callTarget } from "../targets/call-target.js";
import { applyStatuses } from "./apply-statuses.js";

const READ_DEADLINE_MS = 10_000;

type SavedEvent = Pick<WebhookEvent, "id" | "headers" | "body"> & { receivedAt: Date };

/** Reads the saved events of a target in their order; one that the plugin cannot read is kept with the reason. */
export async function readWebhookEvents(core: Core, { targetId }: Jobs["read-webhook-events"]): Promise<void> {
  for (let event = await nextEvent(core, targetId); event; event = await nextEvent(core, targetId)) {
    await readEvent(core, targetId, event);
  }
}

async function nextEvent(core: Core, targetId: string): Promise<SavedEvent | null> {
  const [event] = await rows<SavedEvent>(
    core.dataSource,
    `SELECT id, headers, body, received_at AS "receivedAt" FROM webhook_event
     WHERE target_id = $1 AND read_at IS NULL ORDER BY id LIMIT 1`,
    [targetId],
  );
  return event ?? null;
}

async function readEvent(core: Core, targetId: string, event: SavedEvent): Promise<void> {
  const { reading, error } = await readOrFail(core, targetId, event);
  await core.dataSource.transaction(async (tx) => {
    const marked = await rows(
      tx,
      "UPDATE webhook_event SET read_at = $2, error = $3 WHERE id = $1 AND read_at IS NULL RETURNING id",
      [event.id, core.clock.now(), error],
    );
    if (marked.length === 0 || !reading) return;
    await mergeUsers(tx, core, targetId, reading.users);
    await mergeDevices(tx, core, targetId, reading.devices);
    await applyStatuses(tx, core, targetId, reading);
  });
}

async function readOrFail(
  core: Core,
  targetId: string,
  event: SavedEvent,
): Promise<{ reading: WebhookReading | null; error: string | null }> {
  try {
    const reading = await callTarget(core, targetId, READ_DEADLINE_MS, async (connection) =>
      connection.webhook ? connection.webhook.read(event) : null,
    );
    return { reading, error: reading ? null : "This target has no webhook any more." };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    core.log.error({ targetId, eventId: event.id, error: error.message }, "A plugin could not read a webhook event");
    return { reading: null, error: error.message };
  }
}

import type { EntityManager } from "typeorm";
import { z } from "zod";
import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import type { WebhookEvent } from "../../entities/webhook-event.js";
import type { WebhookReading } from "../../plugins/contract.js";
import { PluginError } from "../../plugins/contract.js";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { mergeDevices, mergeUsers } from "../holders/merge-holders.js";
import { usableRecords } from "../holders/usable-records.js";
import { inTransaction } from "../in-transaction.js";
import { addJob, type Jobs } from "../jobs.js";
import { clearAlerts } from "../raise-alerts.js";
import { readAnswer, readList } from "../targets/answers.js";
import { retryAt, toPluginError } from "../targets/plugin-failure.js";
import { applyStatuses } from "./apply-statuses.js";
import { usableStatuses } from "./usable-answers.js";

const READ_DEADLINE_MS = 10_000;

/** Users, or devices, that one event may tell of. */
const MOST_HOLDERS = 10_000;

const HOLDERS = z.object({ users: z.unknown(), devices: z.unknown() });

/**
 * How long an event waits for the step that it tells of: a process that was killed between the call and its outcome has to
 * repeat the call before the handle is known.
 */
const UNKNOWN_HANDLE_MS = 10 * 60_000;

/** How long such an event waits at least before it is read again. */
const READ_AGAIN_MS = 15_000;

type SavedEvent = Pick<WebhookEvent, "id" | "headers" | "body"> & { receivedAt: Date; readAgainAt: Date | null };

/** Events that are read before the target's other work has its turn. */
const BATCH = 500;

/** What the plugin made of an event; the reason where it could not read it. */
type Read = { readonly reading: WebhookReading } | { readonly reading: null; readonly error: string };

/**
 * Reads the saved events of a target in their order; one that the plugin cannot read is kept with the reason, and one that
 * tells of a step nobody knows yet is read again later. Where there is no plugin to read them just now, they wait.
 */
export async function readWebhookEvents(core: Core, { targetId }: Jobs["read-webhook-events"]): Promise<void> {
  for (let count = 0; ; count += 1) {
    const event = await nextEvent(core, targetId);
    if (!event) break;
    if (count === BATCH) return core.dataSource.transaction((tx) => addJob(tx, "read-webhook-events", { targetId }));
    const read = await readOrPutOff(core, targetId, event);
    if (read === null) return;
    await noteRead(core, targetId, event, read);
  }
  await core.dataSource.transaction((tx) =>
    clearAlerts(tx, core, AlertKind.TARGET_FLOODING, [encodeGlobalId("Target", targetId)]),
  );
  const next = await row<{ at: Date | null }>(
    core.dataSource,
    "SELECT min(read_again_at) AS at FROM webhook_event WHERE target_id = $1 AND read_at IS NULL",
    [targetId],
  );
  const at = next?.at;
  if (at) await core.dataSource.transaction((tx) => addJob(tx, "read-webhook-events", { targetId }, at));
}

async function nextEvent(core: Core, targetId: string): Promise<SavedEvent | null> {
  const [event] = await rows<SavedEvent>(
    core.dataSource,
    `SELECT id, headers, body, received_at AS "receivedAt", read_again_at AS "readAgainAt" FROM webhook_event
     WHERE target_id = $1 AND read_at IS NULL AND (read_again_at IS NULL OR read_again_at <= $2) ORDER BY id LIMIT 1`,
    [targetId, core.clock.now()],
  );
  return event ?? null;
}

async function noteRead(core: Core, targetId: string, event: SavedEvent, read: Read): Promise<void> {
  const { reading } = read;
  await inTransaction(core, async (tx) => {
    const readAgainAt = reading && (await tellsOfUnknownStep(tx, targetId, reading)) ? nextReading(core, event) : null;
    const marked = await rows(
      tx,
      `UPDATE webhook_event SET read_at = $2, read_again_at = $3, error = $4 WHERE id = $1 AND read_at IS NULL
       RETURNING id`,
      [event.id, readAgainAt ? null : core.clock.now(), readAgainAt, read.reading ? null : read.error],
    );
    if (marked.length === 0 || !reading) return;
    const isFirst = event.readAgainAt === null;
    // Read again, it tells nothing new of these, and may be older than what was heard since.
    if (isFirst) {
      await mergeUsers(tx, core, targetId, reading.users);
      await mergeDevices(tx, core, targetId, reading.devices);
    }
    // What it tells of other steps does not wait; told twice, it does no harm.
    if (isFirst || readAgainAt === null) await applyStatuses(tx, core, targetId, reading);
  });
}

async function tellsOfUnknownStep(tx: EntityManager, targetId: string, reading: WebhookReading): Promise<boolean> {
  const unknown = await row(
    tx,
    `SELECT 1 FROM unnest($2::text[]) AS told(handle)
     WHERE NOT EXISTS (SELECT 1 FROM installation i WHERE i.target_id = $1 AND i.handle = told.handle) LIMIT 1`,
    [targetId, reading.statuses.map(({ handle }) => handle)],
  );
  return unknown !== null;
}

/** As long again as it has waited; null when it has waited long enough. */
function nextReading(core: Core, { receivedAt }: SavedEvent): Date | null {
  const now = core.clock.now().getTime();
  const waitedMs = now - receivedAt.getTime();
  if (waitedMs >= core.clock.scaled(UNKNOWN_HANDLE_MS)) return null;
  return new Date(now + Math.max(core.clock.scaled(READ_AGAIN_MS), waitedMs));
}

/** What a plugin has read out of an event, as it can be stored. @throws PluginError `internal`. */
function usableReading(core: Core, targetId: string, answer: unknown): WebhookReading {
  const { users, devices } = readAnswer(HOLDERS, answer, "what it read in an event");
  return {
    ...usableStatuses(core, targetId, answer),
    users: usableRecords("user", readList(users, "users in one event", MOST_HOLDERS)),
    devices: usableRecords("device", readList(devices, "devices in one event", MOST_HOLDERS)),
  };
}

/** @returns null when there is no connection to read it by: then all of them are read later. */
async function readOrPutOff(core: Core, targetId: string, event: SavedEvent): Promise<Read | null> {
  try {
    return await core.targets.use(targetId, READ_DEADLINE_MS, async ({ webhook }, _signal, hide) => {
      if (!webhook) return { reading: null, error: "This target has no webhook any more." };
      try {
        return { reading: usableReading(core, targetId, webhook.read(event)) };
      } catch (thrown) {
        const error = toPluginError(thrown, core.clock, core.log, hide).message;
        core.log.error({ targetId, eventId: event.id, error }, "A plugin could not read a webhook event");
        return { reading: null, error };
      }
    });
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    core.log.warn({ targetId, error: error.message }, "A target's webhook events cannot be read just now");
    const at = retryAt(error, core.clock);
    await core.dataSource.transaction((tx) => addJob(tx, "read-webhook-events", { targetId }, at));
    return null;
  }
}

import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { raiseNewAlerts } from "../raise-alerts.js";

/** Events of one target that wait to be read. A fleet that enrols at once sends tens of thousands; more is a flood. */
const MOST_UNREAD = 50_000;

/** When a product that floods may try again. */
const FLOOD_PAUSE_MS = 60_000;

/**
 * Whether there is such a target, and room for what its product tells; to be asked before that is read.
 * @throws AppError NOT_FOUND; TARGET_UNAVAILABLE for a flood, of which an alert tells.
 */
export async function requireWebhookRoom(core: Core, targetId: string): Promise<void> {
  const target = await row<{ name: string; isFull: boolean }>(
    core.dataSource,
    `SELECT name, EXISTS (SELECT FROM webhook_event WHERE target_id = $1 AND read_at IS NULL
                          OFFSET ${MOST_UNREAD - 1} LIMIT 1) AS "isFull"
     FROM target WHERE id = $1`,
    [targetId],
  );
  if (!target) throw noSuchTarget();
  if (!target.isFull) return;
  const flood = `"${target.name}" has sent ${MOST_UNREAD} messages that are not read yet`;
  await core.dataSource.transaction((tx) =>
    raiseNewAlerts(tx, core, AlertKind.TARGET_FLOODING, [
      {
        subject: encodeGlobalId("Target", targetId),
        message: `${flood}: what it tells beyond that is refused. See why it says so much.`,
      },
    ]),
  );
  const retryAt = core.clock.in(FLOOD_PAUSE_MS).toISOString();
  throw new AppError("TARGET_UNAVAILABLE", `${flood}: this one is refused. Send it again later.`, { retryAt });
}

/** Whoever calls a webhook is told no more than that. */
export function noSuchTarget(): AppError {
  return new AppError("NOT_FOUND", "There is no such target.");
}

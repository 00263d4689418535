import { QueryFailedError } from "typeorm";
import { z } from "zod";
import { AppError } from "../../../errors.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";

/** Without these a notification can be neither told from others nor read. */
const envelope = z.looseObject({
  notificationId: z.string().min(1).max(200),
  notificationType: z.string().min(1).max(200),
});

/** PostgreSQL's classes for JSON that it cannot hold: data exceptions (a NUL, half a character) and exceeded limits. */
const UNSTORABLE = /^(22|54)/;

/**
 * Saves a notification of Apple's as it came, with the job that reads it; one that is known adds nothing.
 * @param text the request's body.
 * @returns false when there is no such token.
 * @throws AppError INVALID_INPUT when it is not a JSON object with an id and a type, or cannot be stored.
 */
export async function receiveNotification(core: Core, tokenId: string, text: string): Promise<boolean> {
  const { notificationId, notificationType } = readEnvelope(text);
  try {
    return await core.dataSource.transaction(async (tx) => {
      const saved = await row<{ known: boolean; fresh: boolean }>(
        tx,
        // Locked, so that a token which is being removed counts as gone.
        `WITH known AS (SELECT id FROM token WHERE id = $1 FOR KEY SHARE), fresh AS (
           INSERT INTO apple_notification (token_id, notification_id, type, body, received_at)
           SELECT id, $2, $3, $4::jsonb, $5 FROM known ON CONFLICT DO NOTHING RETURNING id
         )
         SELECT EXISTS (SELECT 1 FROM known) AS known, EXISTS (SELECT 1 FROM fresh) AS fresh`,
        [tokenId, notificationId, notificationType, text, core.clock.now()],
      );
      if (saved?.fresh) await addJob(tx, "read-notifications", { tokenId });
      return saved?.known ?? false;
    });
  } catch (error) {
    if (error instanceof QueryFailedError && UNSTORABLE.test(error.driverError.code)) throw notANotification();
    throw error;
  }
}

function readEnvelope(text: string): z.output<typeof envelope> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw notANotification();
  }
  const read = envelope.safeParse(body);
  if (!read.success) throw notANotification();
  return read.data;
}

function notANotification(): AppError {
  return new AppError("INVALID_INPUT", "A notification is a JSON object with notificationId and notificationType.");
}

import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { PluginError } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { raiseNewAlerts } from "../raise-alerts.js";

const VERIFY_DEADLINE_MS = 10_000;

/** Events of one target that wait to be read. A fleet that enrols at once sends tens of thousands; more is a flood. */
const MOST_UNREAD = 50_000;

/** When a product that floods may try again. */
const FLOOD_PAUSE_MS = 60_000;

/** Headers that are kept with the event, beside those of the product's own (`x-…`) that carry no proof. */
const KEPT: ReadonlySet<string> = new Set(["content-type", "content-length", "user-agent", "date"]);

/** What the name of a header with a credential or another proof says of it: such a header is checked, not kept. */
const PROOF = /key|secret|token|auth|signature|credential|pass|cookie|session/;

export interface ReceivedRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Takes what a target's product tells us: verified by its plugin, saved as it came, and read by a job. Answered when saved,
 * since some products tell a thing only once.
 * @throws AppError NOT_FOUND for a target that does not exist or has no webhook; UNAUTHENTICATED when it is not authentic;
 *   TARGET_UNAVAILABLE when the plugin cannot tell just now, or more wait to be read than is kept.
 */
export async function receiveWebhook(core: Core, targetId: string, request: ReceivedRequest): Promise<void> {
  const receivedAt = core.clock.now();
  await requireRoom(core, targetId);
  await verify(core, targetId, { ...request, receivedAt });
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => isKept(name)));
  await core.dataSource.transaction(async (tx) => {
    const saved = await row(
      tx,
      `INSERT INTO webhook_event (target_id, headers, body, received_at)
       SELECT id, $2::jsonb, $3::bytea, $4::timestamptz FROM target WHERE id = $1 FOR KEY SHARE RETURNING id`,
      [targetId, JSON.stringify(headers), request.body, receivedAt],
    );
    // It was removed while the call was verified.
    if (!saved) throw noSuchTarget();
    await addJob(tx, "read-webhook-events", { targetId });
  });
}

/** @throws AppError NOT_FOUND; TARGET_UNAVAILABLE for a flood, of which an alert tells. */
async function requireRoom(core: Core, targetId: string): Promise<void> {
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

/** Whoever calls is told no more than that. */
function noSuchTarget(): AppError {
  return new AppError("NOT_FOUND", "There is no such target.");
}

function isKept(name: string): boolean {
  return KEPT.has(name) || (name.startsWith("x-") && !PROOF.test(name));
}

async function verify(core: Core, targetId: string, request: ReceivedRequest & { receivedAt: Date }): Promise<void> {
  let authentic: boolean | null;
  try {
    authentic = await core.targets.use(targetId, VERIFY_DEADLINE_MS, async (connection) =>
      connection.webhook ? (await connection.webhook.verify(request)) === true : null,
    );
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    const retryAt = core.clock.in(VERIFY_DEADLINE_MS).toISOString();
    throw new AppError(
      "TARGET_UNAVAILABLE",
      "The target cannot verify this call just now.",
      { retryAt },
      { cause: error },
    );
  }
  if (authentic === null) throw new AppError("NOT_FOUND", "This target has no webhook.");
  if (!authentic) throw new AppError("UNAUTHENTICATED", "This call is not authentic: check the secret at the product.");
}

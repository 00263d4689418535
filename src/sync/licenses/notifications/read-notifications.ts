import { Token } from "../../../entities/token.js";
import { rows } from "../../../queries/sql.js";
import { AppleError } from "../../apple/apple-error.js";
import type { Core } from "../../core.js";
import { addJob, type Jobs } from "../../jobs.js";
import { refreshCounts } from "../../tokens/refresh-counts.js";
import { accessToken } from "../../tokens/token-access.js";
import { UNASKED_HEALTH } from "../../tokens/unasked-health.js";
import { actOnVerdicts, type JudgedNotification } from "./act-on-verdicts.js";
import { interpretNotification, isOfAnotherLocation, type SavedNotification } from "./interpret-notification.js";
import { judgeNotification } from "./judge-notification.js";
import { notificationFacts } from "./notification-facts.js";

const BATCH = 200;

/** Apps whose counts are read one by one; of more than these, one reading of the list tells more cheaply. */
const SINGLE_COUNTS = 10;

/** How often one that waits is looked at again. */
const WAIT_INTERVAL_MS = 2_000;

/** How long one waits for the answer to a request of ours. Real time, above that of a request. */
const PATIENCE_MS = 60_000;

/**
 * Reads what Apple has notified us of, each once. One that cannot be read is passed over with the reason. One whose event
 * nobody knows waits while an operation of the token is being sent (rule 2).
 */
export async function readNotifications(core: Core, { tokenId }: Jobs["read-notifications"]): Promise<void> {
  const token = await core.dataSource.manager.findOneBy(Token, { id: tokenId });
  if (!token) return;
  let waiting = false;
  for (let batch = await unread(core, tokenId, "0"); batch.length > 0; ) {
    const judged = await judge(core, token, batch);
    waiting ||= judged.some(({ verdict }) => verdict.next === "wait");
    await actOnVerdicts(core, tokenId, await countAnew(core, token, judged));
    batch = await unread(core, tokenId, batch.at(-1)?.id ?? "0");
  }
  if (!waiting) return;
  await core.dataSource.transaction((tx) =>
    addJob(tx, "read-notifications", { tokenId }, core.clock.in(WAIT_INTERVAL_MS)),
  );
}

function unread(core: Core, tokenId: string, after: string): Promise<SavedNotification[]> {
  return rows<SavedNotification>(
    core.dataSource,
    `SELECT id, notification_id AS "notificationId", type, body, received_at AS "receivedAt" FROM apple_notification
     WHERE token_id = $1 AND read_at IS NULL AND id > $2 ORDER BY id LIMIT ${BATCH}`,
    [tokenId, after],
  );
}

async function judge(core: Core, token: Token, batch: readonly SavedNotification[]): Promise<JudgedNotification[]> {
  const read = batch.map((notification) => ({
    notification,
    read: interpretNotification(notification, token.locationId),
  }));
  const facts = await notificationFacts(
    core,
    token.id,
    read.map((one) => one.read),
  );
  const patientSince = core.clock.now().getTime() - PATIENCE_MS;
  return read.map(({ notification, read: interpretation }) => {
    const { notificationId, receivedAt, body } = notification;
    if (isOfAnotherLocation(body, token.locationId)) {
      core.log.warn({ tokenId: token.id, notificationId }, "Apple notified a token of another location's changes");
    }
    const patient = receivedAt.getTime() > patientSince;
    return { notification, verdict: judgeNotification(interpretation, facts, patient) };
  });
}

/**
 * Reads the counts of the apps that were told of, each once; where that cannot be, or Apple no longer lists one, what has
 * changed is read instead.
 */
async function countAnew(
  core: Core,
  { id, health }: Token,
  judged: readonly JudgedNotification[],
): Promise<readonly JudgedNotification[]> {
  const apps = new Set(judged.flatMap(({ verdict }) => (verdict.next === "count" ? verdict.storeAppId : [])));
  const single = apps.size <= SINGLE_COUNTS && !UNASKED_HEALTH.includes(health.state);
  if (apps.size === 0 || (single && (await refreshed(core, id, [...apps])))) return judged;
  const verdict = { next: "sync", atOnce: false, outcome: "Stock has moved: what has changed is read." } as const;
  return judged.map((one) => (one.verdict.next === "count" ? { ...one, verdict } : one));
}

async function refreshed(core: Core, tokenId: string, storeAppIds: readonly string[]): Promise<boolean> {
  const access = await accessToken(core, tokenId);
  if (!access) return false;
  try {
    return await refreshCounts(core, access, storeAppIds);
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    core.log.info({ tokenId, error: error.message }, "Counts that have moved could not be read");
    return false;
  }
}

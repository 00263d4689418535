import type { EntityManager } from "typeorm";
import { AppleOperationState } from "../../../entities/apple-operation.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { holdOpenRun } from "../../tokens/hold-open-run.js";
import { followHint } from "./follow-hint.js";
import type { SavedNotification } from "./interpret-notification.js";
import type { Verdict } from "./judge-notification.js";

export interface JudgedNotification {
  readonly notification: SavedNotification;
  readonly verdict: Verdict;
}

/** An event of many tasks makes many notifications: the looks that they lead to lie at least so far apart. */
const GATHER_LOOKS_MS = 1_000;

/** Writes what follows from notifications, and that they were read: both or neither. */
export async function actOnVerdicts(core: Core, tokenId: string, judged: readonly JudgedNotification[]): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const syncs = judged.flatMap(({ notification, verdict }) =>
      verdict.next === "sync" ? { at: notification.receivedAt, atOnce: verdict.atOnce } : [],
    );
    const openRun = syncs.length > 0 ? await holdOpenRun(tx, tokenId) : null;
    await markRead(tx, core, tokenId, judged);
    await lookAtEvents(tx, core, tokenId, judged);
    if (judged.some(({ verdict }) => verdict.next === "count")) await addJob(tx, "license-installations", { tokenId });
    if (syncs.length > 0) await followHint(tx, core, tokenId, openRun, syncs);
  });
}

async function markRead(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  judged: readonly JudgedNotification[],
): Promise<void> {
  const read = judged.flatMap(({ notification, verdict }) =>
    verdict.next === "wait" ? [] : { id: notification.id, outcome: verdict.outcome },
  );
  await tx.query(
    `UPDATE apple_notification SET read_at = $2, outcome = read.outcome
     FROM unnest($3::bigint[], $4::text[]) AS read(id, outcome)
     WHERE apple_notification.token_id = $1 AND apple_notification.id = read.id`,
    [tokenId, core.clock.now(), read.map(({ id }) => id), read.map(({ outcome }) => outcome)],
  );
}

/** Brings the next look at these operations' events forward; Apple decides by the event's status, not by what it told. */
async function lookAtEvents(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  judged: readonly JudgedNotification[],
): Promise<void> {
  const ids = judged.flatMap(({ verdict }) => (verdict.next === "look" ? verdict.operationId : []));
  if (ids.length === 0) return;
  const soon = core.clock.in(GATHER_LOOKS_MS);
  await tx.query(
    `UPDATE apple_operation SET next_attempt_at = $3
     WHERE token_id = $1 AND id = ANY($2) AND state = '${AppleOperationState.SENT}' AND next_attempt_at > $3`,
    [tokenId, ids, soon],
  );
  await addJob(tx, "run-operations", { tokenId }, soon);
}

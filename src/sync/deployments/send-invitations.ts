import type { EntityManager } from "typeorm";
import { type Invitation, PluginError } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { callTarget } from "../targets/call-target.js";
import { leftAloneUntil } from "../targets/circuit/enter-circuit.js";
import { retryAt } from "../targets/plugin-failure.js";

/** How many invitations one call to a target carries at most. */
const BATCH = 500;

/** How long one call to a target may take. Real time. */
const CALL_DEADLINE_MS = 60_000;

/**
 * An open registration with its link, for which an app waits on a device of the target: to be shown once, and once more with
 * each reminder.
 */
const DUE_SQL = `
  FROM installation i
  JOIN apple_user registration ON registration.token_id = i.token_id AND registration.user_id = i.user_id
   AND registration.status = 'REGISTERED' AND registration.invitation_url IS NOT NULL
   AND (registration.invited_at IS NULL OR registration.invited_at < i.reminded_at)
  WHERE i.reason = 'INVITATION_OPEN' AND i.state = 'WAITING_FOR_USER'`;

interface DueInvitation extends Omit<Invitation, "device" | "user"> {
  readonly tokenId: string;
  readonly registrationId: string;
  readonly deviceExternalId: string;
  readonly serial: string | null;
  readonly udid: string | null;
  readonly platform: string | null;
  readonly userExternalId: string | null;
  readonly principalName: string | null;
}

/** Adds the job of each target that can show invitations and has some to show. @param tokenId of one token; null: of all. */
export async function askForInvitations(tx: EntityManager, core: Core, tokenId: string | null): Promise<void> {
  const inviting = [...core.plugins.values()].filter(({ abilities }) => abilities.invites).map(({ name }) => name);
  if (inviting.length === 0) return;
  const targets = await rows<{ id: string }>(
    tx,
    `SELECT id FROM target WHERE plugin = ANY($1) AND id IN (SELECT i.target_id ${DUE_SQL} AND ($2::uuid IS NULL OR i.token_id = $2))`,
    [inviting, tokenId],
  );
  for (const { id } of targets) await addJob(tx, "send-invitations", { targetId: id });
}

/** Has a target show people Apple's invitations on their devices. What it cannot take now is shown with the next reminder. */
export async function sendInvitations(core: Core, { targetId }: Jobs["send-invitations"]): Promise<void> {
  const paused = await leftAloneUntil(core, targetId);
  if (paused) return tryLater(core, targetId, paused);
  const told = new Set<string>();
  for (;;) {
    const due = await dueInvitations(core, targetId);
    // What is due again at once was reminded of by a clock before ours.
    if (due.every(({ key }) => told.has(key))) return;
    for (const { key } of due) told.add(key);
    try {
      await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
        connection.invite?.(due.map(invitationOf), signal),
      );
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      core.log.warn({ targetId, kind: error.kind, error: error.message }, "A target could not show invitations");
      return tryLater(core, targetId, retryAt(error, core.clock));
    }
    await markInvited(core, due);
  }
}

async function tryLater(core: Core, targetId: string, at: Date): Promise<void> {
  await core.dataSource.transaction((tx) => addJob(tx, "send-invitations", { targetId }, at));
}

/** Of each person one device that the target knows of, a page at a time. */
function dueInvitations(core: Core, targetId: string): Promise<DueInvitation[]> {
  return rows<DueInvitation>(
    core.dataSource,
    `SELECT DISTINCT ON (due.token_id, due.id, alias.external_id)
            due.token_id AS "tokenId", due.id AS "registrationId", due.invitation_url AS url,
            due.token_id || ':' || due.id || ':' || device.id || ':' || COALESCE(extract(epoch FROM due.reminded_at), 0)::bigint AS key,
            alias.external_id AS "deviceExternalId", COALESCE(alias.serial, device.serial) AS serial, alias.udid, device.platform,
            user_alias.external_id AS "userExternalId", person.principal_name AS "principalName"
     FROM (SELECT registration.token_id, registration.id, registration.invitation_url, i.device_id, i.user_id, i.reminded_at
           ${DUE_SQL} AND i.target_id = $1) due
     JOIN device ON device.id = due.device_id
     JOIN holder_alias alias ON alias.device_id = device.id AND alias.target_id = $1 AND alias.gone_at IS NULL
     LEFT JOIN "user" person ON person.id = due.user_id
     LEFT JOIN LATERAL (SELECT external_id FROM holder_alias WHERE user_id = due.user_id AND target_id = $1
                        ORDER BY gone_at IS NOT NULL, id DESC LIMIT 1) user_alias ON true
     ORDER BY due.token_id, due.id, alias.external_id LIMIT ${BATCH}`,
    [targetId],
  );
}

function invitationOf(due: DueInvitation): Invitation {
  const { key, url, deviceExternalId: externalId, serial, udid, platform, userExternalId, principalName } = due;
  const user = userExternalId === null ? null : { externalId: userExternalId, principalName };
  return { key, url, device: { externalId, serial, udid, platform }, user };
}

async function markInvited(core: Core, shown: readonly DueInvitation[]): Promise<void> {
  await core.dataSource.query(
    `UPDATE apple_user SET invited_at = $3 FROM unnest($1::uuid[], $2::bigint[]) AS shown(token_id, id)
     WHERE apple_user.token_id = shown.token_id AND apple_user.id = shown.id`,
    [shown.map(({ tokenId }) => tokenId), shown.map(({ registrationId }) => registrationId), core.clock.now()],
  );
}

import type { EntityManager } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { groupBy } from "../group-by.js";
import { clearAlerts, raiseAlerts } from "../raise-alerts.js";
import { askForInvitations } from "./send-invitations.js";

const DAY = 24 * 60 * 60_000;

/** When somebody who has not accepted the invitation is reminded of, once each. */
const FIRST_REMINDER_MS = 7 * DAY;
const SECOND_REMINDER_MS = 30 * DAY;

/** So many people are named in an alert; more would not be read. */
const MOST_NAMED = 50;

/** Somebody who has let an invitation lie. */
interface Invited {
  readonly tokenId: string;
  readonly token: string;
  readonly name: string;
  readonly hasLink: boolean;
  readonly since: Date;
}

/**
 * Reminds of people who have not accepted Apple's invitation, and whose apps wait for that: one alert a token that names
 * them (without their links, which are not for everybody who reads alerts), raised after 7 and again after 30 days. In between it is worded as things are, and it is cleared
 * when nobody has waited so long. They hold no licence meanwhile, and may wait without end.
 */
export async function remindPeople(core: Core): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const reminded = await markReminded(tx, core);
    const waiting = groupBy(await longInvited(tx, core), ({ tokenId }) => tokenId);
    const alerts = [...waiting].map(([tokenId, people]) => ({ tokenId, ...alertOf(tokenId, people) }));
    await raiseAlerts(
      tx,
      core,
      AlertKind.INVITATIONS_OPEN,
      alerts.filter(({ tokenId }) => reminded.has(tokenId)),
    );
    await wordAnew(tx, alerts);
    await clearOthers(tx, core, alerts);
    await askForInvitations(tx, core, null);
  });
}

/** @returns the tokens with people who are due. */
async function markReminded(tx: EntityManager, core: Core): Promise<ReadonlySet<string>> {
  const [now, first, second] = [core.clock.now(), ...reminders(core)];
  const due = await rows<{ tokenId: string }>(
    tx,
    `WITH due AS (
       SELECT i.token_id, i.id FROM installation i
       WHERE i.reason = 'INVITATION_OPEN' AND i.state = 'WAITING_FOR_USER' AND i.state_at <= $1::timestamptz - $2::interval
         AND (i.reminded_at IS NULL OR i.reminded_at < i.state_at + $2::interval
              OR i.state_at <= $1 - $3::interval AND i.reminded_at < i.state_at + $3::interval)
       ORDER BY i.token_id, i.id FOR UPDATE
     )
     UPDATE installation i SET reminded_at = $1 FROM due WHERE i.token_id = due.token_id AND i.id = due.id
     RETURNING i.token_id AS "tokenId"`,
    [now, first, second],
  );
  return new Set(due.map(({ tokenId }) => tokenId));
}

function longInvited(tx: EntityManager, core: Core): Promise<Invited[]> {
  return rows<Invited>(
    tx,
    `SELECT i.token_id AS "tokenId", token.name AS token, registration.invitation_url IS NOT NULL AS "hasLink", min(i.state_at) AS since,
            COALESCE(person.display_name, person.principal_name, person.email, registration.client_user_id) AS name
     FROM installation i
     JOIN token ON token.id = i.token_id
     JOIN "user" person ON person.id = i.user_id
     JOIN apple_user registration ON registration.token_id = i.token_id AND registration.user_id = i.user_id
      AND registration.status = 'REGISTERED'
     WHERE i.reason = 'INVITATION_OPEN' AND i.state = 'WAITING_FOR_USER' AND i.state_at <= $1::timestamptz - $2::interval
     GROUP BY i.token_id, token.name, registration.token_id, registration.id, person.id
     ORDER BY min(i.state_at), registration.id`,
    [core.clock.now(), reminders(core)[0]],
  );
}

/** How long after they began to wait. */
function reminders({ clock }: Core): [string, string] {
  const interval = (durationMs: number) => `${clock.scaled(durationMs)} milliseconds`;
  return [interval(FIRST_REMINDER_MS), interval(SECOND_REMINDER_MS)];
}

function alertOf(tokenId: string, people: readonly Invited[]): { subject: string; message: string } {
  const named = people.slice(0, MOST_NAMED).map(({ name, hasLink, since }) => {
    return `${name} since ${since.toISOString().slice(0, 10)}${hasLink ? "" : " (Apple has given no link yet)"}`;
  });
  const rest = people.length > MOST_NAMED ? [`and ${people.length - MOST_NAMED} more`] : [];
  const who = people.length === 1 ? "One person has" : `${people.length} people have`;
  return {
    subject: encodeGlobalId("Token", tokenId),
    message:
      `${who} not accepted Apple's invitation by "${people[0]?.token}" for more than 7 days, and their apps wait for it: ` +
      `${[...named, ...rest].join("; ")}. Send them their links (\`invitationUrl\`), or deploy to their devices with licensing DEVICE.`,
  };
}

async function wordAnew(
  tx: EntityManager,
  alerts: readonly { readonly subject: string; readonly message: string }[],
): Promise<void> {
  await tx.query(
    `UPDATE alert SET message = told.message FROM unnest($2::text[], $3::text[]) AS told(subject, message)
     WHERE kind = $1 AND alert.subject = told.subject AND cleared_at IS NULL AND alert.message <> told.message`,
    [AlertKind.INVITATIONS_OPEN, alerts.map(({ subject }) => subject), alerts.map(({ message }) => message)],
  );
}

async function clearOthers(tx: EntityManager, core: Core, alerts: readonly { readonly subject: string }[]) {
  const over = await rows<{ subject: string }>(
    tx,
    "SELECT subject FROM alert WHERE kind = $1 AND cleared_at IS NULL AND subject <> ALL($2)",
    [AlertKind.INVITATIONS_OPEN, alerts.map(({ subject }) => subject)],
  );
  await clearAlerts(
    tx,
    core,
    AlertKind.INVITATIONS_OPEN,
    over.map(({ subject }) => subject),
  );
}

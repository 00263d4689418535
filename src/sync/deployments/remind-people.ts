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

/** Somebody who has let an invitation lie; one of those of the token who have done so longest. */
interface Invited {
  readonly tokenId: string;
  readonly token: string;
  /** How many there are of the token. */
  readonly ofToken: number;
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
     ), reminded AS (
       UPDATE installation i SET reminded_at = $1 FROM due WHERE i.token_id = due.token_id AND i.id = due.id
       RETURNING i.token_id
     )
     SELECT DISTINCT token_id AS "tokenId" FROM reminded`,
    [now, first, second],
  );
  return new Set(due.map(({ tokenId }) => tokenId));
}

/** Of each token as many as are named. */
function longInvited(tx: EntityManager, core: Core): Promise<Invited[]> {
  return rows<Invited>(
    tx,
    `SELECT invited.token_id AS "tokenId", token.name AS token, invited."ofToken", invited."hasLink", invited.since,
            COALESCE(person.display_name, person.principal_name, person.email, invited.client_user_id) AS name
     FROM (
       SELECT i.token_id, i.user_id, registration.id, registration.client_user_id,
              registration.invitation_url IS NOT NULL AS "hasLink", min(i.state_at) AS since,
              (count(*) OVER of_token)::int AS "ofToken",
              row_number() OVER (of_token ORDER BY min(i.state_at), registration.id) AS place
       FROM installation i
       JOIN apple_user registration ON registration.token_id = i.token_id AND registration.user_id = i.user_id
        AND registration.status = 'REGISTERED'
       WHERE i.reason = 'INVITATION_OPEN' AND i.state = 'WAITING_FOR_USER' AND i.state_at <= $1::timestamptz - $2::interval
       GROUP BY i.token_id, i.user_id, registration.token_id, registration.id
       WINDOW of_token AS (PARTITION BY i.token_id)
     ) invited
     JOIN token ON token.id = invited.token_id
     JOIN "user" person ON person.id = invited.user_id
     WHERE invited.place <= ${MOST_NAMED}
     ORDER BY invited.since, invited.id`,
    [core.clock.now(), reminders(core)[0]],
  );
}

/** How long after they began to wait. */
function reminders({ clock }: Core): [string, string] {
  const interval = (durationMs: number) => `${clock.scaled(durationMs)} milliseconds`;
  return [interval(FIRST_REMINDER_MS), interval(SECOND_REMINDER_MS)];
}

function alertOf(tokenId: string, people: readonly Invited[]): { subject: string; message: string } {
  const count = people[0]?.ofToken ?? 0;
  const named = people.map(({ name, hasLink, since }) => {
    return `${name} since ${since.toISOString().slice(0, 10)}${hasLink ? "" : " (Apple has given no link yet)"}`;
  });
  const rest = count > people.length ? [`and ${count - people.length} more`] : [];
  const who = count === 1 ? "One person has" : `${count} people have`;
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

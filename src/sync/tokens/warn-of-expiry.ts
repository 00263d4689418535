import type { EntityManager } from "typeorm";
import { AlertKind, SEVERAL_TOKENS } from "../../entities/alert.js";
import type { TokenContact } from "../../entities/token.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { clearAlerts, raiseAlerts } from "../raise-alerts.js";
import { expiryLevel } from "./expiry-level.js";

/** So many tokens are named; more would not be read. */
const MOST_NAMED = 50;

interface DatedToken {
  id: string;
  name: string;
  expires_at: Date;
  expiry_warned_days: number | null;
  contacts: TokenContact[];
  /** The MDM that owns the token. */
  target: string | null;
}

interface ExpiringToken extends DatedToken {
  level: number;
}

/**
 * Keeps one alert about all tokens that expire within the policy's days, or have expired. It is raised, and raised anew,
 * when a token comes nearer to its end by one of the policy's steps; otherwise it is only worded as things are, and cleared
 * when no such token is left.
 */
export async function warnOfExpiry(core: Core): Promise<void> {
  const now = core.clock.now();
  await core.dataSource.transaction(async (tx) => {
    const dated = await datedTokens(tx);
    const levels = dated.map((token) => expiryLevel(token.expires_at, now, core.policy.expiryWarningDays));
    const expiring = dated.flatMap((token, at) => {
      const level = levels[at] ?? null;
      return level === null ? [] : [{ ...token, level }];
    });
    await rememberLevels(tx, dated, levels);
    if (expiring.length === 0) return clearAlerts(tx, core, AlertKind.TOKENS_EXPIRE, [SEVERAL_TOKENS]);
    const message = messageOf(expiring, now);
    if (expiring.some(isNews)) {
      return raiseAlerts(tx, core, AlertKind.TOKENS_EXPIRE, [{ subject: SEVERAL_TOKENS, message }]);
    }
    await tx.query(
      "UPDATE alert SET message = $2 WHERE kind = $1 AND subject = $3 AND cleared_at IS NULL AND message <> $2",
      [AlertKind.TOKENS_EXPIRE, message, SEVERAL_TOKENS],
    );
  });
}

function datedTokens(tx: EntityManager): Promise<DatedToken[]> {
  return rows<DatedToken>(
    tx,
    `SELECT token.id, token.name, expires_at, expiry_warned_days, contacts, target.name AS target
     FROM token LEFT JOIN target ON target.id = token.target_id
     WHERE expires_at IS NOT NULL AND removing_at IS NULL ORDER BY expires_at, token.id`,
  );
}

function isNews({ level, expiry_warned_days }: ExpiringToken): boolean {
  return expiry_warned_days === null || level < expiry_warned_days;
}

async function rememberLevels(
  tx: EntityManager,
  tokens: readonly DatedToken[],
  levels: readonly (number | null)[],
): Promise<void> {
  await tx.query(
    `UPDATE token SET expiry_warned_days = told.level
     FROM unnest($1::uuid[], $2::int[]) AS told(id, level)
     WHERE token.id = told.id AND token.expiry_warned_days IS DISTINCT FROM told.level`,
    [tokens.map(({ id }) => id), levels],
  );
}

function messageOf(expiring: readonly ExpiringToken[], now: Date): string {
  const named = expiring.slice(0, MOST_NAMED).map((token) => lineOf(token, now));
  const more = expiring.length - named.length;
  const rest = more > 0 ? [`and ${more} more, which the list of tokens shows by their expiry`] : [];
  const what =
    expiring.length === 1
      ? "A token expires soon or has expired"
      : `${expiring.length} tokens expire soon or have expired`;
  return (
    `${what}: ${[...named, ...rest].join("; ")}. Download a new content token of each at Apple and upload it with renewToken; ` +
    "from the download on, Apple takes only the new file."
  );
}

function lineOf({ name, expires_at, contacts, target }: ExpiringToken, now: Date): string {
  const day = expires_at.toISOString().slice(0, 10);
  const when = expires_at <= now ? `expired on ${day}` : `expires on ${day}`;
  return `"${name}" ${when} (${target === null ? whom(contacts) : `renew it at "${target}"`})`;
}

function whom(contacts: readonly TokenContact[]): string {
  if (contacts.length === 0) return "no contact is named";
  return contacts.map((contact) => `${contact.name} <${contact.email}>`).join(", ");
}

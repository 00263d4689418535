import type { ClientBase } from "pg";
import { TokenAuthority, TokenHealthState } from "../../entities/token.js";
import { type Finding, ok, skipped, warning } from "./finding.js";

const CHECK = "tokens";
/** With thousands, one cause is likely to be that of all. */
const SHOWN = 20;

interface SickToken {
  name: string;
  state: string;
  cause: string | null;
  remedy: string | null;
}

/** Tokens that do not do their work or will not for long, each with its own cause and remedy. */
export async function checkTokens(client: ClientBase): Promise<Finding[]> {
  const { rows } = await client.query<SickToken & { sick: number }>(
    `SELECT name, health_state AS state, health_cause AS cause, health_remedy AS remedy, count(*) OVER ()::int AS sick
     FROM token WHERE health_state <> '${TokenHealthState.ACTIVE}' AND authority = '${TokenAuthority.SERVICE}'
     ORDER BY health_state = '${TokenHealthState.EXPIRING}', name LIMIT ${SHOWN}`,
  );
  if (rows.length === 0) return [await allWell(client)];
  const findings = rows.map((token) =>
    warning(
      CHECK,
      `"${token.name}" is ${token.state}${token.cause === null ? "." : `: ${token.cause}`}`,
      token.remedy ?? "Look at its health in the Playground; it may right itself within minutes.",
    ),
  );
  const others = (rows[0]?.sick ?? 0) - rows.length;
  if (others <= 0) return findings;
  return [...findings, warning(CHECK, `${others} more are not well.`, "List them by `tokens` and its `healthState`.")];
}

async function allWell(client: ClientBase): Promise<Finding> {
  const { rows } = await client.query<{ total: number }>("SELECT count(*)::int AS total FROM token");
  const total = rows[0]?.total ?? 0;
  return total === 0 ? skipped(CHECK, "There are none yet: add one with addToken.") : ok(CHECK, `All ${total} work.`);
}

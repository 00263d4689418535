import { type Reader, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";

/** How far back ends of licences are looked for: each synchronisation of the token finds those of before. */
const ENDS_MS = 24 * 60 * 60_000;

/** Whose claim or return has come to something before $1: of all who wait for that, each licence is looked up by its key. */
const AWAITED_SQL = `
  SELECT DISTINCT i.token_id AS id FROM installation i
  CROSS JOIN LATERAL (SELECT * FROM license WHERE token_id = i.token_id AND id = i.license_id OFFSET 0) license
  WHERE i.state IN ('CLAIMING', 'RETURNING')
    AND (license.ended_at <= $1 OR license.abandoned_at <= $1 OR i.state = 'CLAIMING' AND license.assigned_at <= $1)`;

/** Whoever else uses a licence that has ended between $2 and $1. */
const LOST_SQL = `
  SELECT DISTINCT ended.token_id AS id
  FROM (SELECT token_id, id FROM license WHERE ended_at > $2 AND ended_at <= $1 OFFSET 0) ended
  CROSS JOIN LATERAL (
    SELECT FROM installation WHERE token_id = ended.token_id AND license_id = ended.id LIMIT 1
  ) losing`;

/** The tokens with installations that `advance-installations` would move, and has not since before that time. */
export async function tokensToAdvance(db: Reader, core: Core, before: Date): Promise<string[]> {
  const since = new Date(before.getTime() - core.clock.scaled(ENDS_MS));
  const tokens = await rows<{ id: string }>(db, `${AWAITED_SQL}\n  UNION ${LOST_SQL}`, [before, since]);
  return tokens.map(({ id }) => id);
}

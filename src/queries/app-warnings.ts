import type { DataSource } from "typeorm";
import { AlertKind } from "../entities/alert.js";
import { encodeGlobalId } from "../entities/global-id.js";
import { StoreApp } from "../entities/store-app.js";
import type { Condition } from "./conditions.js";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

/** Alerts about an app's counts that are not over. Their subject is the app's global id. */
const OPEN_SQL = `FROM alert WHERE kind = '${AlertKind.COUNT_MISMATCH}' AND cleared_at IS NULL`;

/** What is the matter with the counts of each app; null where nothing is. */
export async function appWarnings(db: DataSource, storeApps: readonly NodeKey[]): Promise<(string | null)[]> {
  const subjects = storeApps.map(([tokenId, id]) => encodeGlobalId(StoreApp.name, `${tokenId}`, `${id}`));
  const found = await rows<{ subject: string; message: string }>(
    db,
    `SELECT subject, message ${OPEN_SQL} AND subject = ANY($1)`,
    [subjects],
  );
  const bySubject = new Map(found.map(({ subject, message }) => [subject, message]));
  return subjects.map((subject) => bySubject.get(subject) ?? null);
}

/** How the global id of a store app begins: nine bytes, which are whole digits of base64. */
const PREFIX = Buffer.from(`${StoreApp.name}:`).toString("base64url");

/** SQL for the keys of the apps with such a warning, which are few: the rest of their global ids is read back into keys. */
export const WARNED_SQL = `
  SELECT split_part(key, ':', 1)::uuid, split_part(key, ':', 2)::bigint
  FROM (SELECT convert_from(decode(rpad(rest, (length(rest) + 3) / 4 * 4, '='), 'base64'), 'UTF8') AS key
        FROM (SELECT substr(translate(subject, '-_', '+/'), ${PREFIX.length + 1}) AS rest ${OPEN_SQL}
                AND starts_with(subject, '${PREFIX}')) AS subjects) AS keys`;

export function hasWarning(wanted: boolean): Condition {
  return { sql: () => `(item.token_id, item.id) ${wanted ? "" : "NOT "}IN (${WARNED_SQL})`, fixes: [] };
}

import type { EntityManager } from "typeorm";
import { Collection } from "../../entities/collection.js";
import type { Target } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { globalIdSql } from "../../queries/global-id-sql.js";

/**
 * Tells subscribers, once it is committed, of what a team that was given a token, target or collection is told first of it: what it
 * did not see before has not changed for anybody else.
 */
export async function tellOfTeams(
  tx: EntityManager,
  node: typeof Token | typeof Target | typeof Collection,
  id: string,
): Promise<void> {
  if (node === Token) await tx.query(OF_TOKEN, [id]);
  else await tx.query(node === Collection ? OF_COLLECTION : OF_TARGET, [id]);
}

const OF_TOKEN = `
  SELECT tell_of_changes('token', ARRAY[$1::uuid::text]),
         tell_of_changes('sync_run', ARRAY(SELECT token_id || ':' || id FROM sync_run WHERE token_id = $1
                                           ORDER BY started_at DESC, id DESC LIMIT 1)),
         tell_of_changes('deployment', ARRAY(SELECT token_id || ':' || id FROM deployment
                                             WHERE token_id = $1 AND deleted_at IS NULL)),
         tell_of_changes('store_app', ARRAY(SELECT token_id || ':' || id FROM store_app WHERE token_id = $1)),
         tell_of_changes('alert', ARRAY(SELECT id::text FROM alert WHERE token_id = $1 AND cleared_at IS NULL))`;

const OF_COLLECTION = `
  SELECT tell_of_changes('alert', ARRAY(SELECT id::text FROM alert
                                        WHERE cleared_at IS NULL AND subject = ${globalIdSql("Collection", "$1::uuid")}))`;

const OF_TARGET = `
  SELECT tell_of_changes('alert', ARRAY(
    SELECT id::text FROM alert
    WHERE cleared_at IS NULL
      AND (subject = ${globalIdSql("Target", "$1::uuid")}
           OR subject IN (SELECT ${globalIdSql("Collection", "owned.id")} FROM collection owned WHERE owned.target_id = $1))))`;

import type { EntityManager } from "typeorm";
import { Collection } from "../../entities/collection.js";
import type { Target } from "../../entities/target.js";
import type { Token } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { missing } from "../../queries/node-key.js";
import { row } from "../../queries/sql.js";
import { requireTeamNames } from "./team-names.js";
import { tellOfTeams } from "./tell-of-teams.js";

/**
 * Says whose a token or target is from now on, or a collection that is kept by hand: one that a target has is whose the
 * target is. Who follows what comes with it is told.
 * @throws AppError NOT_FOUND; INVALID_INPUT for unusable names; CONFLICT for a collection of a target.
 */
export async function setTeams(
  tx: EntityManager,
  node: typeof Token | typeof Target | typeof Collection,
  id: string,
  teams: readonly string[],
): Promise<void> {
  const names = requireTeamNames(teams);
  const table = tx.connection.getMetadata(node).tableName;
  const known = await row<{ target_id: string | null }>(
    tx,
    `SELECT * FROM "${table}" WHERE id = $1 FOR NO KEY UPDATE`,
    [id],
  );
  if (!known) missing(node, id);
  if (node === Collection && known.target_id !== null) {
    throw new AppError("CONFLICT", "A target has this collection: it is whose the target is. Use setTargetTeams.", {
      collectionId: id,
    });
  }
  await tx.query(`UPDATE "${table}" SET teams = $2 WHERE id = $1`, [id, names]);
  await tellOfTeams(tx, node, id);
}

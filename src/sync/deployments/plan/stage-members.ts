import type { EntityManager } from "typeorm";
import { DeploymentAction } from "../../../entities/deployment.js";
import { InstallationWant } from "../../../entities/installation.js";
import { row } from "../../../queries/sql.js";
import { membersSql } from "../members-sql.js";
import type { WantedDeployment } from "../require-deployable.js";

/** Like that of a deployment (`MEMBERS_SQL`), from what is wanted. */
const WISH_SQL = `
  SELECT $6::text AS licensing, token.authority, app.platforms, $7::text AS want
  FROM token JOIN store_app app ON app.token_id = token.id
  WHERE token.id = $1 AND app.id = $3`;

/**
 * Makes the temporary table `planned_member`, gone with the transaction: each member that the deployment would have, with the
 * state in which its installation would begin, in the order in which they would be licensed.
 * @returns how many there are; their positions count from 1.
 */
export async function stageMembers(tx: EntityManager, wanted: WantedDeployment): Promise<number> {
  const want = wanted.action === DeploymentAction.INSTALL ? InstallationWant.PRESENT : InstallationWant.ABSENT;
  await tx.query(
    `CREATE TEMPORARY TABLE planned_member ON COMMIT DROP AS
     ${membersSql(WISH_SQL)}
     SELECT row_number() OVER (ORDER BY device_id, user_id)::int AS position, device_id, user_id, state, reason FROM member`,
    [wanted.storeApp.tokenId, null, wanted.storeApp.id, wanted.collectionId, wanted.targetId, wanted.licensing, want],
  );
  await tx.query("CREATE INDEX ON planned_member (position)");
  await tx.query("ANALYZE planned_member");
  const counted = await row<{ count: number }>(tx, "SELECT count(*)::int AS count FROM planned_member");
  return counted?.count ?? 0;
}

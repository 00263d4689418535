import type { EntityManager } from "typeorm";
import { rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { factsSql } from "../licensing-facts.js";
import type { WantedDeployment } from "../require-deployable.js";
import type { MemberFacts } from "./plan-install.js";
import { PLAN_BATCH, type StagedMember } from "./planned-member.js";

/** Members after a position that get an installation which needs a licence, with what licensing would know of each. */
export function memberFacts(
  tx: EntityManager,
  core: Core,
  { storeApp, collectionId, licensing }: WantedDeployment,
  after: number,
): Promise<MemberFacts[]> {
  const from = `(
      SELECT $1::uuid AS token_id, $2::bigint AS store_app_id, position::text AS id, state, reason, 1 AS generation,
             device_id, user_id, $3::timestamptz AS state_at
      FROM planned_member WHERE position > $4 AND position <= $5 AND state = 'REQUESTED' ORDER BY position OFFSET 0
    ) i CROSS JOIN (SELECT $6::text AS licensing, $7::uuid AS collection_id) deployment`;
  return rows<MemberFacts>(
    tx,
    `SELECT facts.*, facts.id::int AS position, EXISTS (
       SELECT FROM (SELECT token_id, store_app_id, want, state FROM installation WHERE device_id = facts."deviceId" OFFSET 0) other
       WHERE other.token_id = $1 AND other.store_app_id = $2 AND other.want = 'PRESENT' AND other.state = 'INSTALLED'
     ) AS "alreadyThere"
     FROM (${factsSql(from)}) facts ORDER BY position`,
    [storeApp.tokenId, storeApp.id, core.clock.now(), after, after + PLAN_BATCH, licensing, collectionId],
  );
}

/** The others of the same batch: they need no licence, or give one up. */
export function membersWithoutNeed(tx: EntityManager, after: number): Promise<StagedMember[]> {
  return rows<StagedMember>(
    tx,
    `SELECT position, device_id AS "deviceId", user_id AS "userId", state, reason
     FROM planned_member WHERE position > $1 AND position <= $2 AND state <> 'REQUESTED' ORDER BY position`,
    [after, after + PLAN_BATCH],
  );
}

import type { EntityManager } from "typeorm";
import type { TokenScopedKey } from "../../core.js";
import type { PlannedMember } from "./planned-member.js";

/** Stores a batch of a plan's members, in one statement. */
export async function storeMembers(
  tx: EntityManager,
  plan: TokenScopedKey,
  batch: readonly PlannedMember[],
): Promise<void> {
  await tx.query(
    `INSERT INTO deployment_plan_member (token_id, plan_id, position, device_id, user_id, outcome, reason, license, license_id)
     SELECT $1, $2, * FROM unnest($3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::bigint[])`,
    [
      plan.tokenId,
      plan.id,
      batch.map(({ position }) => position),
      batch.map(({ deviceId }) => deviceId),
      batch.map(({ userId }) => userId),
      batch.map(({ outcome }) => outcome),
      batch.map(({ reason }) => reason),
      batch.map(({ license }) => license),
      batch.map(({ licenseId }) => licenseId),
    ],
  );
}

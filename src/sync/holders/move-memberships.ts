import type { EntityManager } from "typeorm";

/** Gives the places of one holder in collections kept by hand to the one it turned out to be. */
export async function moveMemberships(
  tx: EntityManager,
  column: "user_id" | "device_id",
  moves: readonly { readonly from: string; readonly to: string }[],
): Promise<void> {
  const parameters = [moves.map((move) => move.from), moves.map((move) => move.to)];
  const pairs = "unnest($1::uuid[], $2::uuid[]) AS moved(source, heir)";
  await tx.query(
    `INSERT INTO collection_member (collection_id, ${column})
     SELECT DISTINCT member.collection_id, moved.heir
     FROM ${pairs} JOIN collection_member member ON member.${column} = moved.source
                   JOIN collection ON collection.id = member.collection_id AND collection.target_id IS NULL
     ON CONFLICT DO NOTHING`,
    parameters,
  );
  await tx.query(
    `DELETE FROM collection_member member USING collection, ${pairs}
     WHERE member.${column} = moved.source AND collection.id = member.collection_id AND collection.target_id IS NULL`,
    parameters,
  );
}

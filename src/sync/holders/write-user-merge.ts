import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { moveMemberships } from "./move-memberships.js";
import type { NewUserAlias, UserAliasRow, UserMergePlan, UserRow } from "./plan-user-merge.js";

/** Writes a plan, a statement a kind of change. */
export async function writeUserMerge(
  tx: EntityManager,
  core: Core,
  targetId: string,
  plan: UserMergePlan,
): Promise<void> {
  if (plan.changedUsers.length > 0) await updateUsers(tx, plan.changedUsers);
  if (plan.newUsers.length > 0) await insertUsers(tx, core, plan.newUsers);
  if (plan.changedAliases.length > 0) await updateAliases(tx, plan.changedAliases);
  if (plan.newAliases.length > 0) await insertAliases(tx, targetId, plan.newAliases);
  if (plan.moves.length === 0) return;
  await moveMemberships(tx, "user_id", plan.moves);
  await tx.query('UPDATE "user" SET left_at = $2 WHERE id = ANY($1) AND left_at IS NULL', [
    plan.moves.map((move) => move.from),
    core.clock.now(),
  ]);
}

async function updateUsers(tx: EntityManager, users: readonly UserRow[]): Promise<void> {
  // Names go first and come back in the second statement: two people may have swapped theirs.
  await tx.query(
    `UPDATE "user" SET principal_name = NULL
     FROM unnest($1::uuid[], $2::text[]) AS told(id, principal_name)
     WHERE "user".id = told.id AND "user".principal_name IS DISTINCT FROM told.principal_name`,
    [users.map((user) => user.id), users.map((user) => user.principalName)],
  );
  await tx.query(
    `UPDATE "user" SET principal_name = told.principal_name, display_name = told.display_name, email = told.email,
                       managed_apple_id = told.managed_apple_id
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS told(id, principal_name, display_name, email, managed_apple_id)
     WHERE "user".id = told.id`,
    columnsOf(users),
  );
}

async function insertUsers(tx: EntityManager, core: Core, users: readonly UserRow[]): Promise<void> {
  await tx.query(
    `INSERT INTO "user" (id, principal_name, display_name, email, managed_apple_id, added_at)
     SELECT told.*, $6 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS told`,
    [...columnsOf(users), core.clock.now()],
  );
}

function columnsOf(users: readonly UserRow[]): unknown[] {
  return [
    users.map((user) => user.id),
    users.map((user) => user.principalName),
    users.map((user) => user.displayName),
    users.map((user) => user.email),
    users.map((user) => user.managedAppleId),
  ];
}

async function updateAliases(tx: EntityManager, aliases: readonly UserAliasRow[]): Promise<void> {
  await tx.query(
    `UPDATE holder_alias SET user_id = told.user_id, upn = told.upn
     FROM unnest($1::bigint[], $2::uuid[], $3::text[]) AS told(id, user_id, upn)
     WHERE holder_alias.id = told.id`,
    [aliases.map((alias) => alias.id), aliases.map((alias) => alias.userId), aliases.map((alias) => alias.upn)],
  );
}

async function insertAliases(tx: EntityManager, targetId: string, aliases: readonly NewUserAlias[]): Promise<void> {
  await tx.query(
    `INSERT INTO holder_alias (target_id, external_id, user_id, upn)
     SELECT $1, told.* FROM unnest($2::text[], $3::uuid[], $4::text[]) AS told`,
    [
      targetId,
      aliases.map((alias) => alias.externalId),
      aliases.map((alias) => alias.userId),
      aliases.map((alias) => alias.upn),
    ],
  );
}

import type { ObjectLiteral } from "typeorm";
import { AppleUser } from "../entities/apple-user.js";
import { byUser } from "./columns.js";
import { bindInto } from "./conditions.js";
import { hydrate } from "./hydrate.js";
import type { Column, RawRow } from "./list.js";
import { byParent, type Parents, withParents } from "./parents.js";
import { inScope, type Scope, type Scoped, withToken } from "./scopes.js";
import { rows } from "./sql.js";

/** Few rows that belong to a parent, all of them. */
export interface Children<Row extends ObjectLiteral> {
  readonly entity: new () => Row;
  /** The columns that hold the parent's key. */
  readonly columns: readonly Column[];
  readonly orderBy: string;
  /** Which of them a team sees. */
  readonly scope: Scope;
}

/** A person's registrations with Apple. */
export const appleUsersOfUser: Children<AppleUser> = {
  entity: AppleUser,
  ...byUser,
  orderBy: "item.token_id, item.id",
  scope: withToken,
};

/** The children of each parent, in one statement. */
export async function findChildren<Row extends ObjectLiteral>(
  { db, teams }: Scoped,
  children: Children<Row>,
  keys: readonly (readonly string[])[],
): Promise<Row[][]> {
  const parents: Parents = { columns: children.columns, keys };
  const values: unknown[] = [];
  const bind = bindInto(values);
  const table = db.getMetadata(children.entity).tableName;
  const text = withParents(
    parents,
    bind,
    (ofParent) => {
      const where = [...ofParent, ...inScope(children.scope, teams)].map(({ sql }) => sql(bind)).join(" AND ");
      return `SELECT item.* FROM "${table}" AS item WHERE ${where}`;
    },
    { orderBy: children.orderBy },
  );
  const found = await rows<RawRow>(db, text, values);
  return byParent(parents, found).map((group) => group.map((row) => hydrate(db, children.entity, row)));
}

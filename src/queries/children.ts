import type { DataSource, ObjectLiteral } from "typeorm";
import { AppleUser } from "../entities/apple-user.js";
import { byUser } from "./columns.js";
import { bindInto } from "./conditions.js";
import { hydrate } from "./hydrate.js";
import type { Column, RawRow } from "./list.js";
import { byParent, type Parents, withParents } from "./parents.js";
import { rows } from "./sql.js";

/** Few rows that belong to a parent, all of them. */
export interface Children<Row extends ObjectLiteral> {
  readonly entity: new () => Row;
  /** The columns that hold the parent's key. */
  readonly columns: readonly Column[];
  readonly orderBy: string;
}

/** A person's registrations with Apple. */
export const appleUsersOfUser: Children<AppleUser> = {
  entity: AppleUser,
  ...byUser,
  orderBy: "item.token_id, item.id",
};

/** The children of each parent, in one statement. */
export async function findChildren<Row extends ObjectLiteral>(
  db: DataSource,
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
    (ofParent) => `SELECT item.* FROM "${table}" AS item WHERE ${ofParent.map(({ sql }) => sql(bind)).join(" AND ")}`,
    { orderBy: children.orderBy },
  );
  const found = await rows<RawRow>(db, text, values);
  return byParent(parents, found).map((group) => group.map((row) => hydrate(db, children.entity, row)));
}

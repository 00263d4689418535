import type { DataSource, ObjectLiteral } from "typeorm";
import type { RawRow } from "./list.js";

/** The entity that a row of its table stands for. */
export function hydrate<Row extends ObjectLiteral>(db: DataSource, entity: new () => Row, raw: RawRow): Row {
  const metadata = db.getMetadata(entity);
  const instance = metadata.create() as Row;
  for (const column of metadata.columns) {
    column.setEntityValue(instance, db.driver.prepareHydratedValue(raw[column.databaseName], column));
  }
  return instance;
}

import type { DataSource } from "typeorm";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

/** The keys of all tokens. */
export async function tokenKeys(db: DataSource): Promise<NodeKey[]> {
  const found = await rows<{ id: string }>(db, "SELECT id FROM token ORDER BY id");
  return found.map(({ id }) => [id]);
}

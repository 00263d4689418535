import type { EntityManager } from "typeorm";
import { type Reader, row } from "../../../queries/sql.js";

/** Who this installation is, as its database has it. */
export interface Identity {
  readonly mdmId: string;
  /** The highest that was ever written to Apple, or is about to be, by the database that this one is. */
  readonly epoch: number;
  readonly instance: string;
  readonly formerInstances: readonly string[];
  readonly databaseSeen: string | null;
  readonly timelineSeen: number | null;
}

/** The columns of an Identity, of `service_identity` under the name `us`. */
export const IDENTITY_SQL = `us.mdm_id AS "mdmId", us.epoch::float8 AS epoch, us.instance,
  us.former_instances AS "formerInstances", us.database_seen AS "databaseSeen", us.timeline_seen AS "timelineSeen"`;

export async function readIdentity(db: Reader): Promise<Identity> {
  return read(db, "");
}

/** The same, and nobody else changes it before the transaction ends. Comes before the lock of any token. */
export async function lockIdentity(tx: EntityManager): Promise<Identity> {
  return read(tx, "FOR UPDATE");
}

async function read(db: Reader, lock: string): Promise<Identity> {
  const us = await row<Identity>(db, `SELECT ${IDENTITY_SQL} FROM service_identity us ${lock}`);
  if (!us) throw new Error("The row of service_identity is missing");
  return us;
}

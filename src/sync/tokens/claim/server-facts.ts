import { QueryFailedError } from "typeorm";
import { type Reader, row } from "../../../queries/sql.js";

/** Which database this is. */
export interface Server {
  /** PostgreSQL's system identifier, where the server tells it, a colon, and the database's number. */
  readonly database: string;
  /** Null where the server does not tell. */
  readonly timeline: number | null;
  /** How many bytes of its log are safe on disk, which a crash does not take back; null where it does not tell that, or which server it is. */
  readonly position: string | null;
}

const DATABASE_SQL = "SELECT oid::text AS value FROM pg_database WHERE datname = current_database()";
const SYSTEM_SQL = "SELECT system_identifier::text AS value FROM pg_control_system()";
/** The first eight hexadecimal digits of a WAL file's name; right at once after a promotion, unlike pg_control's. */
const TIMELINE_SQL = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS value";
const POSITION_SQL = "SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS value";

export async function readServer(db: Reader): Promise<Server> {
  const database = await row<{ value: string }>(db, DATABASE_SQL);
  const system = await ifTold(db, SYSTEM_SQL);
  const timeline = await ifTold(db, TIMELINE_SQL);
  return {
    database: `${system ?? ""}:${database?.value}`,
    timeline: timeline === null ? null : Number.parseInt(timeline, 16),
    position: system && (await ifTold(db, POSITION_SQL)),
  };
}

/** A system identifier that was not told at one of the two looks is not compared. */
export function isSameDatabase(one: string, other: string): boolean {
  const [system, database] = one.split(":");
  const [otherSystem, otherDatabase] = other.split(":");
  return database === otherDatabase && (system === otherSystem || system === "" || otherSystem === "");
}

/** Hosted servers may keep these to themselves. */
async function ifTold(db: Reader, sql: string): Promise<string | null> {
  try {
    return (await row<{ value: string }>(db, sql))?.value ?? null;
  } catch (error) {
    if (error instanceof QueryFailedError) return null;
    throw error;
  }
}

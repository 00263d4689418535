import type { DataSource } from "typeorm";

/** Whether the database can be asked at all. */
export async function databaseAnswers(db: DataSource): Promise<boolean> {
  try {
    await db.query("SELECT 1");
    return true;
  } catch {
    return false;
  }
}

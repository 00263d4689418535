import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Keeps of which days counts were taken: a day on which nothing ran looked like one on which nothing had changed. Of the days
 * before this, those are known of which a count or its schedule's turn is kept.
 */
export class SnapshotDays1800113020220 implements MigrationInterface {
  name = "SnapshotDays1800113020220";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "snapshot_day" ("day" date NOT NULL, CONSTRAINT "PK_snapshot_day" PRIMARY KEY ("day"));
      INSERT INTO "snapshot_day" ("day")
        SELECT "day" FROM "count_snapshot"
        UNION
        SELECT ("taken_at" AT TIME ZONE 'UTC')::date FROM "schedule_slot" WHERE "schedule" = 'counts'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "snapshot_day"`);
  }
}

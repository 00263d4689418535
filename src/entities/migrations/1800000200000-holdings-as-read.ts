import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What a run misses it keeps to itself until its verdict, so no holding is marked absent; and the licences that people keep
 * after they were retired are counted, since Apple lists them and counts them as retired, too. Requests to Apple take turns
 * and are no longer counted.
 */
export class HoldingsAsRead1800000200000 implements MigrationInterface {
  name = "HoldingsAsRead1800000200000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX "license_absent";
      ALTER TABLE "license" DROP COLUMN "absent_at";
      ALTER TABLE "store_app" ADD "retired_held_count" integer NOT NULL DEFAULT 0;
      ALTER TABLE "rate_limit" DROP COLUMN "points"`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "rate_limit" ADD "points" integer NOT NULL DEFAULT '0';
      ALTER TABLE "store_app" DROP COLUMN "retired_held_count";
      ALTER TABLE "license" ADD "absent_at" TIMESTAMP(3) WITH TIME ZONE;
      CREATE INDEX "license_absent" ON "license" ("token_id", "store_app_id") WHERE absent_at IS NOT NULL AND ended_at IS NULL`);
  }
}

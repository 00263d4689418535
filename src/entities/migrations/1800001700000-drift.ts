import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a reading that is held back did not show, and indexes on what Apple, we and an MDM say differently. */
export class Drift1800001700000 implements MigrationInterface {
  name = "Drift1800001700000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "missed_license" (
        "token_id" uuid NOT NULL,
        "license_id" bigint NOT NULL,
        "missed_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
        CONSTRAINT "missed_license_license_fk" FOREIGN KEY ("token_id", "license_id")
          REFERENCES "license" ("token_id", "id") ON DELETE CASCADE,
        CONSTRAINT "PK_missed_license" PRIMARY KEY ("token_id", "license_id")
      );
      CREATE INDEX "license_abandoned" ON "license" ("token_id", "id")
        WHERE ended_at IS NULL AND abandoned_at IS NOT NULL;
      CREATE INDEX "apple_user_of_nobody" ON "apple_user" ("token_id", "id") WHERE user_id IS NULL;
      CREATE INDEX "installation_unlicensed" ON "installation" ("token_id", "id")
        WHERE license_id IS NULL AND observed_state = 'installed'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX "installation_unlicensed";
      DROP INDEX "apple_user_of_nobody";
      DROP INDEX "license_abandoned";
      DROP TABLE "missed_license"`);
  }
}

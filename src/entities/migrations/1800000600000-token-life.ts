import type { MigrationInterface, QueryRunner } from "typeorm";

/** What the life of a token needs to be remembered: which warning was given last, and the bound location's name. */
export class TokenLife1800000600000 implements MigrationInterface {
  name = "TokenLife1800000600000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "token" ADD "expiry_warned_days" integer;
      ALTER TABLE "service_identity" ADD "bound_location_name" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "service_identity" DROP COLUMN "bound_location_name";
      ALTER TABLE "token" DROP COLUMN "expiry_warned_days"`);
  }
}

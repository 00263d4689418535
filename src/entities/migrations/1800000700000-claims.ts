import type { MigrationInterface, QueryRunner } from "typeorm";

/** What claims need: whom an admin has told us to take a location from, and under which instances we claimed before. */
export class Claims1800000700000 implements MigrationInterface {
  name = "Claims1800000700000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "token" ADD "taking_over" text;
      ALTER TABLE "service_identity" ADD "former_instances" uuid[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "token" DROP COLUMN "taking_over";
      ALTER TABLE "service_identity" DROP COLUMN "former_instances"`);
  }
}

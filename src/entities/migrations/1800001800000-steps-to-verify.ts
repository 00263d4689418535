import type { MigrationInterface, QueryRunner } from "typeorm";

/** Steps to be verified are found in their order, a page at a time, beside those that the target has not been told. */
export class StepsToVerify1800001800000 implements MigrationInterface {
  name = "StepsToVerify1800001800000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX "installation_to_verify" ON "installation" ("target_id", "id") WHERE verify_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX "installation_to_verify"`);
  }
}

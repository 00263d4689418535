import type { MigrationInterface, QueryRunner } from "typeorm";

/** When a device was last asked for its serial number. */
export class Inquiries1800002513360 implements MigrationInterface {
  name = "Inquiries1800002513360";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE holder_alias ADD COLUMN inquired_at timestamptz(3)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE holder_alias DROP COLUMN inquired_at`);
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";

/** How long the last pause before a look at a device was, in milliseconds of our clock: the next one is twice as long. */
export class PausesBetweenLooks1800002100000 implements MigrationInterface {
  name = "PausesBetweenLooks1800002100000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE installation ADD COLUMN verify_pause_ms double precision NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE installation DROP COLUMN verify_pause_ms`);
  }
}

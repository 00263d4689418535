import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Turns at Apple are forgotten within a second, so they need not outlive a crash. Logged, each waited for the log to
 * reach the disk: behind the mass that a synchronisation writes that took a tenth of a second, and turns came in bunches.
 */
export class UnloggedTurns1800000850000 implements MigrationInterface {
  name = "UnloggedTurns1800000850000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "rate_limit" SET UNLOGGED`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "rate_limit" SET LOGGED`);
  }
}

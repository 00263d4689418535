import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * A device that lost its user after an install on it had failed kept the deadline of that, at which every sweep ended. And what
 * was given up had another look at its device planned.
 */
export class DeadlinesInVain1800113021540 implements MigrationInterface {
  name = "DeadlinesInVain1800113021540";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE installation SET deadline_at = NULL, next_look_at = NULL, handle = NULL, verify_at = NULL
      WHERE state = 'NOT_APPLICABLE' AND (deadline_at IS NOT NULL OR handle IS NOT NULL)`);
    await runner.query(`
      UPDATE installation SET verify_at = NULL, next_look_at = NULL
      WHERE state = 'FAILED' AND deadline_at IS NULL AND handle IS NOT NULL AND verify_at IS NOT NULL`);
  }

  /** What was planned for nothing is not planned again. */
  async down(): Promise<void> {}
}

import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * PL/pgSQL keeps the plan of a call about one row, and joins the many of a later one by a nested loop: 3,000 tokens that are
 * distrusted at once would be compared nine million times. The trigger for alerts knows that already.
 */
export class MassesOfChanges1800001900000 implements MigrationInterface {
  name = "MassesOfChanges1800001900000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER FUNCTION tell_of_changed_sync_runs() SET enable_nestloop = off;
      ALTER FUNCTION tell_of_changed_token_health() SET enable_nestloop = off`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER FUNCTION tell_of_changed_sync_runs() RESET enable_nestloop;
      ALTER FUNCTION tell_of_changed_token_health() RESET enable_nestloop`);
  }
}

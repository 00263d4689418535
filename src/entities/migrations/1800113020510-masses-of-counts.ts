import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * PL/pgSQL keeps the plan of a claim of one app, and would join the 10,000 apps of a synchronisation by a nested loop: a hundred
 * million comparisons inside its transaction. That of revoked keys is no other; the rest that tell of changes know it already.
 */
export class MassesOfCounts1800113020510 implements MigrationInterface {
  name = "MassesOfCounts1800113020510";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER FUNCTION tell_of_changed_store_apps() SET enable_nestloop = off;
      ALTER FUNCTION tell_of_revoked_api_keys() SET enable_nestloop = off`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER FUNCTION tell_of_changed_store_apps() RESET enable_nestloop;
      ALTER FUNCTION tell_of_revoked_api_keys() RESET enable_nestloop`);
  }
}

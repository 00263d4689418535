import type { MigrationInterface, QueryRunner } from "typeorm";

/** A deployment's installations are counted by state, and by who has left, from the index alone. */
export class CountedInstallations1800113017415 implements MigrationInterface {
  name = "CountedInstallations1800113017415";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX installation_of_deployment;
      CREATE INDEX "installation_of_deployment" ON "installation" ("token_id", "deployment_id", "state", "id")
        INCLUDE ("left_at")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX installation_of_deployment;
      CREATE INDEX "installation_of_deployment" ON "installation" ("token_id", "deployment_id", "state", "id")`);
  }
}

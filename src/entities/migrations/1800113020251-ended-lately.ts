import type { MigrationInterface, QueryRunner } from "typeorm";

/** Finds the synchronisations that ended, and the deployments that were deleted, a short while ago: who subscribes is told of them. */
export class EndedLately1800113020251 implements MigrationInterface {
  name = "EndedLately1800113020251";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX "sync_run_ended" ON "sync_run" ("ended_at") WHERE ended_at IS NOT NULL;
      CREATE INDEX "deployment_deleted" ON "deployment" ("deleted_at") WHERE deleted_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX deployment_deleted, sync_run_ended");
  }
}

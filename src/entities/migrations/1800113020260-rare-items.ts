import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Few of many apps, operations and synchronisations are found by an index, whatever they are filtered by. Of operations, those that
 * give licences are left out: where there are any, they are most of them.
 */
export class RareItems1800113020260 implements MigrationInterface {
  name = "RareItems1800113020260";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX "store_app_search" ON "store_app" USING gin (name gin_trgm_ops, platforms);
      CREATE INDEX "store_app_adam_id" ON "store_app" ("adam_id", "token_id", "id");
      CREATE INDEX "store_app_unlisted" ON "store_app" ("token_id", "id") WHERE unlisted_at IS NOT NULL;
      CREATE INDEX "apple_operation_intent" ON "apple_operation" ("intent", "token_id", "id") WHERE intent <> 'ASSOCIATE';
      CREATE INDEX "sync_run_mode" ON "sync_run" ("mode", "token_id", "id");
      CREATE INDEX "sync_run_trigger" ON "sync_run" ("trigger", "token_id", "id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX store_app_search, store_app_adam_id, store_app_unlisted, apple_operation_intent, sync_run_mode,
        sync_run_trigger`);
  }
}

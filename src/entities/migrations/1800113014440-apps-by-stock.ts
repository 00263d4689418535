import type { MigrationInterface, QueryRunner } from "typeorm";

/** Apps are listed by what is in use of them, and by what is free. */
export class AppsByStock1800113014440 implements MigrationInterface {
  name = "AppsByStock1800113014440";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX "store_app_assigned" ON "store_app" ("product_type", "assigned_count", "token_id", "id");
      CREATE INDEX "store_app_free" ON "store_app" ("product_type",
        (CASE WHEN total_count = 2147483647 THEN 2147483647 ELSE
          GREATEST(LEAST(total_count - retired_count - held_count + LEAST(retired_held_count, retired_count), available_count), 0) END),
        "token_id", "id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX store_app_free, store_app_assigned");
  }
}

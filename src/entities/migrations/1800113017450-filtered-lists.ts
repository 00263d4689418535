import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Each order of a list, and each filter by which few of many rows are found, has an index. Of licences and installations,
 * which change all the time, those are left out that nobody looks for: what is held, and for no reason. Kinds of holders have none:
 * where statistics are old, PostgreSQL would take it for the licence of one person, and read those of all.
 */
export class FilteredLists1800113017450 implements MigrationInterface {
  name = "FilteredLists1800113017450";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX "license_moving" ON "license" ("token_id", "id") WHERE state IN ('CLAIMING', 'RETURNING', 'REFUSED');
      CREATE INDEX "installation_of_app" ON "installation" ("token_id", "store_app_id", "id");
      CREATE INDEX "installation_at_target" ON "installation" ("target_id", "token_id", "id");
      CREATE INDEX "installation_state" ON "installation" ("state", "token_id", "id");
      CREATE INDEX "installation_state_at" ON "installation" ("state_at", "token_id", "id");
      CREATE INDEX "installation_reason" ON "installation" ("reason", "token_id", "id") WHERE reason IS NOT NULL;
      CREATE INDEX "installation_left" ON "installation" ("token_id", "id") WHERE left_at IS NOT NULL;
      CREATE INDEX "device_by_serial" ON "device" ("serial", "id");
      CREATE INDEX "device_name" ON "device" ("name", "id");
      CREATE INDEX "device_last_seen" ON "device" ("last_seen_at", "id");
      CREATE INDEX "device_platform" ON "device" ("platform", "id");
      CREATE INDEX "device_not_enrolled" ON "device" ("id") WHERE state <> 'ENROLLED';
      CREATE INDEX "device_search" ON "device" USING gin (serial gin_trgm_ops, name gin_trgm_ops);
      CREATE INDEX "user_by_principal_name" ON "user" ("principal_name", "id");
      CREATE INDEX "user_display_name" ON "user" ("display_name", "id");
      CREATE INDEX "user_search" ON "user"
        USING gin (principal_name gin_trgm_ops, display_name gin_trgm_ops, email gin_trgm_ops);
      CREATE INDEX "apple_user_status" ON "apple_user" ("status", "token_id", "id");
      CREATE INDEX "apple_operation_state" ON "apple_operation" ("state", "token_id", "id");
      CREATE INDEX "apple_operation_created" ON "apple_operation" ("created_at", "token_id", "id");
      CREATE INDEX "apple_operation_of_app" ON "apple_operation" ("token_id", "store_app_id", "id")
        WHERE store_app_id IS NOT NULL;
      CREATE INDEX "sync_run_state" ON "sync_run" ("state", "token_id", "id");
      CREATE INDEX "application_created" ON "application" ("created_at", "token_id", "id");
      CREATE INDEX "application_at_target" ON "application" ("target_id", "token_id", "id");
      CREATE INDEX "collection_name" ON "collection" ("name", "id");
      CREATE INDEX "collection_added" ON "collection" ("added_at", "id");
      CREATE INDEX "collection_search" ON "collection" USING gin (name gin_trgm_ops);
      CREATE INDEX "target_added" ON "target" ("added_at", "id");
      CREATE INDEX "token_name" ON "token" ("name", "id");
      CREATE INDEX "token_added" ON "token" ("added_at", "id");
      CREATE INDEX "token_expiry" ON "token" ("expires_at", "id");
      CREATE INDEX "deployment_created" ON "deployment" ("created_at", "token_id", "id");
      CREATE INDEX "deployment_action_at" ON "deployment" ("action_at", "token_id", "id");
      CREATE INDEX "deployment_at_target" ON "deployment" ("target_id", "token_id", "id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX license_moving, installation_of_app, installation_at_target,
        installation_state, installation_state_at, installation_reason, installation_left, device_by_serial,
        device_name, device_last_seen, device_platform, device_not_enrolled, device_search,
        user_by_principal_name, user_display_name, user_search, apple_user_status, apple_operation_state,
        apple_operation_created, apple_operation_of_app, sync_run_state, application_created,
        application_at_target, collection_name, collection_added, collection_search, target_added, token_name,
        token_added, token_expiry, deployment_created, deployment_action_at, deployment_at_target`);
  }
}

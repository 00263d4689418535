import type { MigrationInterface, QueryRunner } from "typeorm";

/** Tells every replica which apps have changed, so that lists of them keep showing what is so. */
export class TellOfCounts1800113014000 implements MigrationInterface {
  name = "TellOfCounts1800113014000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION tell_of_changed_store_apps() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM tell_of_changes('store_app', (
          SELECT array_agg(token_id || ':' || id)
          FROM fresh JOIN stale USING (token_id, id) WHERE fresh IS DISTINCT FROM stale));
        RETURN NULL;
      END $$;
      CREATE TRIGGER store_app_changed AFTER UPDATE ON store_app REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION tell_of_changed_store_apps()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER store_app_changed ON store_app;
      DROP FUNCTION tell_of_changed_store_apps`);
  }
}

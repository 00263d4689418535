import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Tells every replica which deployments have changed, or any of their installations. Of an installation that was written it
 * does not compare what: that would cost every step of a deployment more than telling somebody once too often.
 */
export class TellOfDeployments1800113017510 implements MigrationInterface {
  name = "TellOfDeployments1800113017510";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION tell_of_written_deployments() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM tell_of_changes('deployment', (SELECT array_agg(token_id || ':' || id) FROM written));
        RETURN NULL;
      END $$;
      CREATE TRIGGER deployment_added AFTER INSERT ON deployment REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION tell_of_written_deployments();
      CREATE TRIGGER deployment_changed AFTER UPDATE ON deployment REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION tell_of_written_deployments();

      CREATE FUNCTION tell_of_written_installations() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM tell_of_changes('deployment', (
          SELECT array_agg(token_id || ':' || deployment_id)
          FROM (SELECT DISTINCT token_id, deployment_id FROM written) concerned));
        RETURN NULL;
      END $$;
      CREATE TRIGGER installation_added AFTER INSERT ON installation REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION tell_of_written_installations();
      CREATE TRIGGER installation_changed AFTER UPDATE ON installation REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION tell_of_written_installations()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER installation_changed ON installation;
      DROP TRIGGER installation_added ON installation;
      DROP TRIGGER deployment_changed ON deployment;
      DROP TRIGGER deployment_added ON deployment;
      DROP FUNCTION tell_of_written_installations, tell_of_written_deployments`);
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Tells every replica which synchronisations and whose token's health changed, and which tokens are gone, and gives the new
 * lists their indexes. A
 * statement sends ids alone, in as few messages as fit PostgreSQL's 8,000 bytes; without ids when there are too many.
 */
export class TellOfChanges1800000400000 implements MigrationInterface {
  name = "TellOfChanges1800000400000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TRIGGERS);
    await runner.query(INDEXES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX store_app_name, store_app_total, sync_run_started;
      CREATE INDEX "store_app_name" ON "store_app" ("name", "token_id", "id");
      DROP INDEX stock_change_of_token, license_started_later, license_started_of_token, license_ended_of_token;
      DROP TRIGGER sync_run_added ON sync_run;
      DROP TRIGGER sync_run_changed ON sync_run;
      DROP TRIGGER token_added ON token;
      DROP TRIGGER token_health_changed ON token;
      DROP TRIGGER token_removed ON token;
      DROP FUNCTION tell_of_added_sync_runs, tell_of_changed_sync_runs, tell_of_added_tokens, tell_of_changed_token_health,
                    tell_of_removed_tokens;
      DROP FUNCTION tell_of_changes`);
  }
}

const TRIGGERS = `
    CREATE FUNCTION tell_of_changes(topic text, keys text[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      -- The longest key has 56 characters, and its quotes and comma.
      keys_a_message CONSTANT int := 100;
      messages_at_most CONSTANT int := 10;
      total CONSTANT int := coalesce(cardinality(keys), 0);
    BEGIN
      IF total > keys_a_message * messages_at_most THEN
        PERFORM pg_notify('allotment_changes', json_build_object('topic', topic)::text);
      ELSE
        FOR at IN 1 .. total BY keys_a_message LOOP
          PERFORM pg_notify('allotment_changes',
                            json_build_object('topic', topic, 'keys', keys[at : at + keys_a_message - 1])::text);
        END LOOP;
      END IF;
    END $$;

    CREATE FUNCTION tell_of_added_sync_runs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM tell_of_changes('sync_run', (SELECT array_agg(token_id || ':' || id) FROM added));
      RETURN NULL;
    END $$;
    CREATE TRIGGER sync_run_added AFTER INSERT ON sync_run REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION tell_of_added_sync_runs();

    CREATE FUNCTION tell_of_changed_sync_runs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM tell_of_changes('sync_run', (
        SELECT array_agg(token_id || ':' || id)
        FROM fresh JOIN stale USING (token_id, id) WHERE fresh IS DISTINCT FROM stale));
      RETURN NULL;
    END $$;
    CREATE TRIGGER sync_run_changed AFTER UPDATE ON sync_run REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
      FOR EACH STATEMENT EXECUTE FUNCTION tell_of_changed_sync_runs();

    CREATE FUNCTION tell_of_added_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM tell_of_changes('token', (SELECT array_agg(id::text) FROM added));
      RETURN NULL;
    END $$;
    CREATE TRIGGER token_added AFTER INSERT ON token REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION tell_of_added_tokens();

    CREATE FUNCTION tell_of_changed_token_health() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM tell_of_changes('token', (
        SELECT array_agg(fresh.id::text)
        FROM fresh JOIN stale USING (id)
        WHERE (fresh.health_state, fresh.health_cause, fresh.health_since, fresh.health_evidence, fresh.health_remedy)
              IS DISTINCT FROM
              (stale.health_state, stale.health_cause, stale.health_since, stale.health_evidence, stale.health_remedy)));
      RETURN NULL;
    END $$;
    CREATE TRIGGER token_health_changed AFTER UPDATE ON token REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
      FOR EACH STATEMENT EXECUTE FUNCTION tell_of_changed_token_health();

    CREATE FUNCTION tell_of_removed_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM tell_of_changes('removed_token', (SELECT array_agg(id::text) FROM removed));
      RETURN NULL;
    END $$;
    CREATE TRIGGER token_removed AFTER DELETE ON token REFERENCING OLD TABLE AS removed
      FOR EACH STATEMENT EXECUTE FUNCTION tell_of_removed_tokens();
`;

/**
 * For the history of licences and of stock, of one token or for one cause (the first synchronisation's mass has one cause);
 * for apps and books, which are listed apart; and for the synchronisations of all tokens.
 */
const INDEXES = `
    CREATE INDEX "license_started_later" ON "license" ("started_at", "token_id", "id") WHERE start_cause <> 'SYNC';
    CREATE INDEX "license_started_of_token" ON "license" ("token_id", "started_at", "id");
    CREATE INDEX "license_ended_of_token" ON "license" ("token_id", "ended_at", "id") WHERE ended_at IS NOT NULL;
    CREATE INDEX "stock_change_of_token" ON "stock_change" ("token_id", "seen_at", "id");
    DROP INDEX store_app_name;
    CREATE INDEX "store_app_name" ON "store_app" ("product_type", "name", "token_id", "id");
    CREATE INDEX "store_app_total" ON "store_app" ("product_type", "total_count", "token_id", "id");
    CREATE INDEX "sync_run_started" ON "sync_run" ("started_at", "token_id", "id");
`;

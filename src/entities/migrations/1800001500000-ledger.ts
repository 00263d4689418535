import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * The ledger refuses to be rewritten, whoever asks: a holding starts once and ends once. Its links to known devices and
 * registrations may still be found later or move; the holder's own name may not. Rows are deleted only by who says so.
 * And each app's counts are kept day by day.
 */
export class Ledger1800001500000 implements MigrationInterface {
  name = "Ledger1800001500000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REFUSALS);
    await runner.query(`ALTER TABLE "service_identity" ADD "ledger_since" timestamp(3) with time zone`);
    await runner.query(SNAPSHOTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE "count_snapshot";
      ALTER TABLE "service_identity" DROP COLUMN "ledger_since";
      DROP TRIGGER license_keeps_the_past ON license;
      DROP TRIGGER license_is_not_deleted ON license;
      DROP TRIGGER license_is_not_truncated ON license;
      DROP FUNCTION refuse_rewriting();
      DROP FUNCTION refuse_deleting()`);
  }
}

const REFUSALS = `
  CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    linked license := NEW;
  BEGIN
    linked.device_id := OLD.device_id;
    linked.apple_user_id := OLD.apple_user_id;
    IF OLD.ended_at IS NOT NULL AND linked IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A holding starts once and ends once: what the ledger says of license % is not rewritten.', OLD.id
      USING ERRCODE = 'restrict_violation';
  END $$;

  CREATE TRIGGER license_keeps_the_past BEFORE UPDATE ON license FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL
        OR (OLD.token_id, OLD.id, OLD.store_app_id, OLD.holder_kind, OLD.holder_key, OLD.started_at, OLD.start_cause, OLD.start_actor)
           IS DISTINCT FROM
           (NEW.token_id, NEW.id, NEW.store_app_id, NEW.holder_kind, NEW.holder_key, NEW.started_at, NEW.start_cause, NEW.start_actor))
  EXECUTE FUNCTION refuse_rewriting();

  CREATE FUNCTION refuse_deleting() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'Nothing is deleted from the ledger but with its token, or by purgeEndedLicenses.'
      USING ERRCODE = 'restrict_violation';
  END $$;

  CREATE TRIGGER license_is_not_deleted BEFORE DELETE ON license FOR EACH ROW
  WHEN (current_setting('allotment.deleting_licenses', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION refuse_deleting();
  CREATE TRIGGER license_is_not_truncated BEFORE TRUNCATE ON license FOR EACH STATEMENT
  WHEN (current_setting('allotment.deleting_licenses', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION refuse_deleting()`;

const SNAPSHOTS = `
  CREATE TABLE "count_snapshot" (
    "token_id" uuid NOT NULL,
    "store_app_id" bigint NOT NULL,
    "day" date NOT NULL,
    "total_count" integer NOT NULL,
    "assigned_count" integer NOT NULL,
    "retired_count" integer NOT NULL,
    "held_count" integer NOT NULL,
    "free_count" integer,
    "waiting_count" integer NOT NULL,
    CONSTRAINT "count_snapshot_store_app_fk" FOREIGN KEY ("token_id", "store_app_id")
      REFERENCES "store_app" ("token_id", "id") ON DELETE CASCADE,
    CONSTRAINT "PK_count_snapshot" PRIMARY KEY ("token_id", "store_app_id", "day")
  )`;

// Longer than most files: a migration is one step, kept as it was applied.
import type { MigrationInterface, QueryRunner } from "typeorm";

/** The first schema: every table, and the identity under which this installation speaks to Apple. */
export class FirstSchema1800000000000 implements MigrationInterface {
  name = "FirstSchema1800000000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
    await runner.query(`INSERT INTO service_identity (mdm_id, created_at) VALUES (gen_random_uuid(), now())`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE alert, target, token, "user", apple_user, device, store_app, license, apple_operation, apple_operation_holder, application, collection, collection_member, deployment, holder_alias, installation, mutation_answer, rate_limit, schedule_slot, service_identity, sync_run, webhook_event CASCADE`,
    );
  }
}

const SCHEMA = `
    CREATE TABLE "alert" (
      "id" uuid NOT NULL,
      "kind" text NOT NULL,
      "subject" text NOT NULL,
      "message" text NOT NULL,
      "raised_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "cleared_at" TIMESTAMP(3) WITH TIME ZONE,
      CONSTRAINT "alert_kind_known" CHECK (kind IN ('LICENSES_SHRINK_HELD', 'MEMBERS_SHRINK_HELD', 'COUNT_MISMATCH', 'TOKEN_NOT_WRITABLE')),
      CONSTRAINT "PK_ad91cad659a3536465d564a4b2f" PRIMARY KEY ("id")
    );
    CREATE UNIQUE INDEX "alert_open" ON "alert" ("kind", "subject") WHERE cleared_at IS NULL;
    CREATE INDEX "alert_raised" ON "alert" ("raised_at", "id");
    CREATE TABLE "target" (
      "id" uuid NOT NULL,
      "plugin" text NOT NULL,
      "name" text NOT NULL,
      "license_authority" text NOT NULL,
      "settings" jsonb NOT NULL,
      "secrets" text,
      "apns_state" text NOT NULL DEFAULT 'UNCHECKED',
      "apns_expires_at" TIMESTAMP(3) WITH TIME ZONE,
      "findings" jsonb NOT NULL DEFAULT '[]',
      "checked_at" TIMESTAMP(3) WITH TIME ZONE,
      "holders_imported_at" TIMESTAMP(3) WITH TIME ZONE,
      "shrink_held_at" TIMESTAMP(3) WITH TIME ZONE,
      "import_error" text,
      "paused_until" TIMESTAMP(3) WITH TIME ZONE,
      "added_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "target_apns_known" CHECK (apns_state IN ('VALID', 'EXPIRED', 'MISSING', 'NOT_REPORTED', 'UNCHECKED')),
      CONSTRAINT "target_authority_known" CHECK (license_authority IN ('SERVICE', 'TARGET')),
      CONSTRAINT "PK_9d962204b13c18851ea88fc72f3" PRIMARY KEY ("id")
    );
    CREATE UNIQUE INDEX "target_name" ON "target" ("name");
    CREATE TABLE "token" (
      "id" uuid NOT NULL,
      "authority" text NOT NULL,
      "name" text NOT NULL,
      "description" text,
      "categories" text array NOT NULL DEFAULT '{}',
      "organization" text,
      "location_id" text,
      "location_name" text,
      "country" text,
      "platform" text NOT NULL,
      "website_url" text,
      "secret" text,
      "fingerprint" text,
      "target_id" uuid,
      "external_id" text,
      "expires_at" TIMESTAMP(3) WITH TIME ZONE,
      "last_full_sync_at" TIMESTAMP(3) WITH TIME ZONE,
      "last_sync_at" TIMESTAMP(3) WITH TIME ZONE,
      "assets_version_id" text,
      "assignments_version_id" text,
      "users_version_id" text,
      "added_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "health_state" text NOT NULL DEFAULT 'UNVERIFIED',
      "health_cause" text,
      "health_since" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "health_evidence" text,
      "health_remedy" text,
      CONSTRAINT "token_secret_or_target" CHECK ((authority = 'SERVICE') = (secret IS NOT NULL) AND (authority = 'TARGET') = (target_id IS NOT NULL)),
      CONSTRAINT "token_health_known" CHECK (health_state IN ('UNVERIFIED', 'ACTIVE', 'EXPIRING', 'EXPIRED', 'REVOKED', 'INVALID', 'CLAIMED_ELSEWHERE', 'DUPLICATE_LOCATION', 'READ_ONLY', 'SUSPENDED')),
      CONSTRAINT "token_platform_known" CHECK (platform IN ('BUSINESS', 'EDUCATION')),
      CONSTRAINT "token_authority_known" CHECK (authority IN ('SERVICE', 'TARGET')),
      CONSTRAINT "PK_82fae97f905930df5d62a702fc9" PRIMARY KEY ("id")
    );
    CREATE UNIQUE INDEX "token_of_target" ON "token" ("target_id", "external_id") WHERE target_id IS NOT NULL;
    CREATE UNIQUE INDEX "token_fingerprint" ON "token" ("fingerprint") WHERE fingerprint IS NOT NULL;
    CREATE UNIQUE INDEX "token_location" ON "token" ("location_id") WHERE location_id IS NOT NULL;
    CREATE TABLE "user" (
      "id" uuid NOT NULL,
      "principal_name" text,
      "display_name" text,
      "email" text,
      "managed_apple_id" text,
      "added_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "PK_cace4a159ff9f2512dd42373760" PRIMARY KEY ("id")
    );
    CREATE UNIQUE INDEX "user_principal_name" ON "user" ("principal_name") WHERE principal_name IS NOT NULL;
    CREATE TABLE "apple_user" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "client_user_id" text NOT NULL,
      "user_id" uuid,
      "status" text NOT NULL,
      "email" text,
      "managed_apple_id" text,
      "invite_code" text,
      "invitation_url" text,
      "id_hash" text,
      "operation_id" bigint,
      "proven_at" TIMESTAMP(3) WITH TIME ZONE,
      "added_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "apple_user_status_known" CHECK (status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED', 'RETIRED', 'DELETED', 'REFUSED')),
      CONSTRAINT "PK_f17467c6c4dac9d3ced0a334ef7" PRIMARY KEY ("token_id", "id")
    );
    CREATE INDEX "apple_user_client_id" ON "apple_user" ("token_id", "client_user_id");
    CREATE INDEX "apple_user_of_user" ON "apple_user" ("user_id") WHERE user_id IS NOT NULL;
    CREATE UNIQUE INDEX "apple_user_live_user" ON "apple_user" ("token_id", "user_id") WHERE user_id IS NOT NULL AND status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED');
    CREATE UNIQUE INDEX "apple_user_live_client_id" ON "apple_user" ("token_id", "client_user_id") WHERE status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED');
    CREATE TABLE "device" (
      "id" uuid NOT NULL,
      "serial" text,
      "name" text,
      "platform" text,
      "user_id" uuid,
      "state" text NOT NULL DEFAULT 'ENROLLED',
      "last_seen_at" TIMESTAMP(3) WITH TIME ZONE,
      "added_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "device_state_known" CHECK (state IN ('ENROLLED', 'WIPED', 'RETIRED', 'DELETED')),
      CONSTRAINT "PK_2dc10972aa4e27c01378dad2c72" PRIMARY KEY ("id")
    );
    CREATE INDEX "device_user" ON "device" ("user_id");
    CREATE UNIQUE INDEX "device_serial" ON "device" ("serial") WHERE serial IS NOT NULL;
    CREATE TABLE "store_app" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "adam_id" text NOT NULL,
      "pricing_param" text NOT NULL DEFAULT 'STDQ',
      "product_type" text NOT NULL,
      "name" text,
      "bundle_id" text,
      "icon_url" text,
      "developer" text,
      "genres" text array NOT NULL DEFAULT '{}',
      "platforms" text array NOT NULL DEFAULT '{}',
      "device_assignable" boolean NOT NULL,
      "revocable" boolean NOT NULL,
      "total_count" integer NOT NULL,
      "assigned_count" integer NOT NULL,
      "available_count" integer NOT NULL,
      "retired_count" integer NOT NULL,
      "counts_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "held_count" integer NOT NULL DEFAULT '0',
      "claims_resume_at" TIMESTAMP(3) WITH TIME ZONE,
      "metadata_at" TIMESTAMP(3) WITH TIME ZONE,
      "unlisted_at" TIMESTAMP(3) WITH TIME ZONE,
      CONSTRAINT "store_app_held_count" CHECK (held_count >= 0),
      CONSTRAINT "store_app_pricing_param_known" CHECK (pricing_param IN ('STDQ', 'PLUS')),
      CONSTRAINT "store_app_product_type_known" CHECK (product_type IN ('APP', 'BOOK')),
      CONSTRAINT "PK_74a78a694a73e81a5d27c965319" PRIMARY KEY ("token_id", "id")
    );
    CREATE INDEX "store_app_name" ON "store_app" ("name", "token_id", "id");
    CREATE UNIQUE INDEX "store_app_product" ON "store_app" ("token_id", "adam_id", "pricing_param");
    CREATE TABLE "license" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "store_app_id" bigint NOT NULL,
      "holder_kind" text NOT NULL,
      "holder_key" text NOT NULL,
      "device_id" uuid,
      "apple_user_id" bigint,
      "state" text NOT NULL,
      "started_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "start_cause" text NOT NULL,
      "start_actor" text NOT NULL,
      "assigned_at" TIMESTAMP(3) WITH TIME ZONE,
      "ended_at" TIMESTAMP(3) WITH TIME ZONE,
      "end_cause" text,
      "end_actor" text,
      "start_operation_id" bigint,
      "end_operation_id" bigint,
      "operation_id" bigint,
      "proven_at" TIMESTAMP(3) WITH TIME ZONE,
      "absent_at" TIMESTAMP(3) WITH TIME ZONE,
      CONSTRAINT "license_link_fits_kind" CHECK (CASE holder_kind WHEN 'DEVICE' THEN apple_user_id IS NULL ELSE device_id IS NULL END),
      CONSTRAINT "license_end_has_cause" CHECK ((ended_at IS NULL) = (end_cause IS NULL)),
      CONSTRAINT "license_held_when_confirmed" CHECK (state NOT IN ('HELD', 'RETURNING') OR assigned_at IS NOT NULL),
      CONSTRAINT "license_ended_when_over" CHECK ((state IN ('ENDED', 'REFUSED')) = (ended_at IS NOT NULL)),
      CONSTRAINT "license_end_cause_known" CHECK (end_cause IN ('DEPLOYMENT', 'MANUAL', 'SYNC', 'EXTERNAL')),
      CONSTRAINT "license_start_cause_known" CHECK (start_cause IN ('DEPLOYMENT', 'MANUAL', 'SYNC', 'EXTERNAL')),
      CONSTRAINT "license_state_known" CHECK (state IN ('CLAIMING', 'HELD', 'RETURNING', 'ENDED', 'REFUSED')),
      CONSTRAINT "license_holder_kind_known" CHECK (holder_kind IN ('DEVICE', 'USER')),
      CONSTRAINT "PK_31ce7a10638f2146f741c1bf6c7" PRIMARY KEY ("token_id", "id")
    );
    CREATE INDEX "license_absent" ON "license" ("token_id", "store_app_id") WHERE absent_at IS NOT NULL AND ended_at IS NULL;
    CREATE INDEX "license_ended" ON "license" ("ended_at", "token_id", "id") WHERE ended_at IS NOT NULL;
    CREATE INDEX "license_started" ON "license" ("started_at", "token_id", "id");
    CREATE INDEX "license_of_operation" ON "license" ("token_id", "operation_id") WHERE operation_id IS NOT NULL;
    CREATE INDEX "license_of_apple_user" ON "license" ("token_id", "apple_user_id") WHERE apple_user_id IS NOT NULL;
    CREATE INDEX "license_of_device" ON "license" ("device_id") WHERE device_id IS NOT NULL;
    CREATE INDEX "license_of_app" ON "license" ("token_id", "store_app_id", "id");
    CREATE UNIQUE INDEX "license_open" ON "license" ("token_id", "store_app_id", "holder_kind", "holder_key") WHERE ended_at IS NULL;
    CREATE TABLE "apple_operation" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "intent" text NOT NULL,
      "state" text NOT NULL,
      "store_app_id" bigint,
      "attempts" integer NOT NULL DEFAULT '0',
      "next_attempt_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "deadline_at" TIMESTAMP(3) WITH TIME ZONE,
      "event_id" text,
      "last_error" text,
      "cause" text NOT NULL,
      "actor" text NOT NULL,
      "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "ended_at" TIMESTAMP(3) WITH TIME ZONE,
      CONSTRAINT "apple_operation_cause_known" CHECK (cause IN ('DEPLOYMENT', 'MANUAL', 'SYNC', 'EXTERNAL')),
      CONSTRAINT "apple_operation_sent_has_event" CHECK (state <> 'SENT' OR event_id IS NOT NULL),
      CONSTRAINT "apple_operation_state_known" CHECK (state IN ('PENDING', 'SENDING', 'SENT', 'UNKNOWN', 'PAUSED', 'DONE', 'FAILED')),
      CONSTRAINT "apple_operation_intent_known" CHECK (intent IN ('ASSOCIATE', 'DISASSOCIATE', 'CREATE_USERS', 'RETIRE_USERS')),
      CONSTRAINT "PK_2848aa4b7efe9099c3751422010" PRIMARY KEY ("token_id", "id")
    );
    CREATE INDEX "apple_operation_event" ON "apple_operation" ("token_id", "event_id") WHERE event_id IS NOT NULL;
    CREATE INDEX "apple_operation_open" ON "apple_operation" ("token_id", "next_attempt_at", "id") WHERE ended_at IS NULL;
    CREATE TABLE "apple_operation_holder" (
      "token_id" uuid NOT NULL,
      "operation_id" bigint NOT NULL,
      "holder_kind" text NOT NULL,
      "holder_key" text NOT NULL,
      "license_id" bigint,
      "apple_user_id" bigint,
      "outcome" text NOT NULL DEFAULT 'OPEN',
      "error_number" integer,
      "detail" text,
      "remedy" text,
      CONSTRAINT "apple_operation_holder_outcome_known" CHECK (outcome IN ('OPEN', 'DONE', 'FAILED')),
      CONSTRAINT "apple_operation_holder_kind_known" CHECK (holder_kind IN ('DEVICE', 'USER')),
      CONSTRAINT "PK_2d9f7927c33bab14f712c00228e" PRIMARY KEY ("token_id", "operation_id", "holder_kind", "holder_key")
    );
    CREATE TABLE "application" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "store_app_id" bigint NOT NULL,
      "target_id" uuid NOT NULL,
      "handle" text,
      "ready_at" TIMESTAMP(3) WITH TIME ZONE,
      "last_error" text,
      "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "PK_4019fc578421a0957222029f3dd" PRIMARY KEY ("token_id", "id")
    );
    CREATE UNIQUE INDEX "application_of_target" ON "application" ("token_id", "store_app_id", "target_id");
    CREATE TABLE "collection" (
      "id" uuid NOT NULL,
      "name" text NOT NULL,
      "kind" text NOT NULL,
      "target_id" uuid,
      "external_id" text,
      "shrink_held_at" TIMESTAMP(3) WITH TIME ZONE,
      "added_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "collection_mirror_or_local" CHECK ((target_id IS NULL) = (external_id IS NULL)),
      CONSTRAINT "collection_kind_known" CHECK (kind IN ('USER', 'DEVICE')),
      CONSTRAINT "PK_ad3f485bbc99d875491f44d7c85" PRIMARY KEY ("id")
    );
    CREATE UNIQUE INDEX "collection_local_name" ON "collection" ("name") WHERE target_id IS NULL;
    CREATE UNIQUE INDEX "collection_of_target" ON "collection" ("target_id", "external_id") WHERE target_id IS NOT NULL;
    CREATE TABLE "collection_member" (
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "collection_id" uuid NOT NULL,
      "user_id" uuid,
      "device_id" uuid,
      CONSTRAINT "collection_member_one" CHECK (num_nonnulls(user_id, device_id) = 1),
      CONSTRAINT "PK_ee27b28b60ed88314c84b5a5cee" PRIMARY KEY ("id")
    );
    CREATE INDEX "collection_member_of_device" ON "collection_member" ("device_id") WHERE device_id IS NOT NULL;
    CREATE INDEX "collection_member_of_user" ON "collection_member" ("user_id") WHERE user_id IS NOT NULL;
    CREATE UNIQUE INDEX "collection_member_device" ON "collection_member" ("collection_id", "device_id") WHERE device_id IS NOT NULL;
    CREATE UNIQUE INDEX "collection_member_user" ON "collection_member" ("collection_id", "user_id") WHERE user_id IS NOT NULL;
    CREATE INDEX "collection_member_page" ON "collection_member" ("collection_id", "id");
    CREATE TABLE "deployment" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "store_app_id" bigint NOT NULL,
      "application_id" bigint NOT NULL,
      "collection_id" uuid NOT NULL,
      "target_id" uuid NOT NULL,
      "action" text NOT NULL,
      "purpose" text NOT NULL,
      "licensing" text NOT NULL,
      "created_by" text NOT NULL,
      "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "action_by" text NOT NULL,
      "action_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "deployment_licensing_known" CHECK (licensing IN ('USER', 'DEVICE')),
      CONSTRAINT "deployment_purpose_required" CHECK (purpose = 'REQUIRED'),
      CONSTRAINT "deployment_action_known" CHECK (action IN ('INSTALL', 'UNINSTALL')),
      CONSTRAINT "PK_8b514abad0b34d336d87a0809d9" PRIMARY KEY ("token_id", "id")
    );
    CREATE INDEX "deployment_of_application" ON "deployment" ("token_id", "application_id");
    CREATE INDEX "deployment_of_collection" ON "deployment" ("collection_id");
    CREATE UNIQUE INDEX "deployment_unique" ON "deployment" ("token_id", "store_app_id", "collection_id", "target_id");
    CREATE TABLE "holder_alias" (
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "target_id" uuid NOT NULL,
      "external_id" text NOT NULL,
      "user_id" uuid,
      "device_id" uuid,
      "serial" text,
      "udid" text,
      "upn" text,
      "sid" text,
      CONSTRAINT "holder_alias_of_one" CHECK (num_nonnulls(user_id, device_id) = 1),
      CONSTRAINT "PK_e47faebfafbc4200dac27423257" PRIMARY KEY ("id")
    );
    CREATE INDEX "holder_alias_device" ON "holder_alias" ("device_id", "target_id") WHERE device_id IS NOT NULL;
    CREATE INDEX "holder_alias_user" ON "holder_alias" ("user_id", "target_id") WHERE user_id IS NOT NULL;
    CREATE UNIQUE INDEX "holder_alias_device_external" ON "holder_alias" ("target_id", "external_id") WHERE device_id IS NOT NULL;
    CREATE UNIQUE INDEX "holder_alias_user_external" ON "holder_alias" ("target_id", "external_id") WHERE user_id IS NOT NULL;
    CREATE TABLE "installation" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "deployment_id" bigint NOT NULL,
      "store_app_id" bigint NOT NULL,
      "target_id" uuid NOT NULL,
      "device_id" uuid,
      "user_id" uuid,
      "license_id" bigint,
      "want" text NOT NULL,
      "state" text NOT NULL,
      "reason" text,
      "detail" text,
      "remedy" text,
      "generation" integer NOT NULL DEFAULT '1',
      "attempt" integer NOT NULL DEFAULT '1',
      "handle" text,
      "next_look_at" TIMESTAMP(3) WITH TIME ZONE,
      "verify_at" TIMESTAMP(3) WITH TIME ZONE,
      "verifications" integer NOT NULL DEFAULT '0',
      "deadline_at" TIMESTAMP(3) WITH TIME ZONE,
      "state_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "observed_state" text,
      "observed_at" TIMESTAMP(3) WITH TIME ZONE,
      "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "installation_no_device" CHECK (state NOT IN ('REQUESTED', 'CLAIMING', 'LICENSED', 'INSTALLING', 'INSTALLED', 'REMOVING') OR device_id IS NOT NULL),
      CONSTRAINT "installation_of_someone" CHECK (num_nonnulls(device_id, user_id) >= 1),
      CONSTRAINT "installation_reason_known" CHECK (reason IN ('NO_USER', 'DEVICE_LIMIT', 'UNKNOWN_AT_TARGET', 'NO_SERIAL', 'DEVICE_GONE', 'PLATFORM_UNSUPPORTED', 'OUT_OF_STOCK', 'LICENSE_RETURNING', 'REGISTRATION_OPEN', 'INVITATION_OPEN', 'REGISTRATION_REFUSED', 'REFUSED_BY_APPLE', 'TOKEN_NOT_WRITABLE', 'REFUSED_BY_TARGET', 'NEEDS_USER', 'TIMED_OUT', 'SERVED_BY_OTHER_TOKEN', 'LICENSE_LOST', 'IRREVOCABLE')),
      CONSTRAINT "installation_state_known" CHECK (state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER', 'NO_DEVICE', 'NOT_APPLICABLE', 'CLAIMING', 'LICENSED', 'INSTALLING', 'INSTALLED', 'FAILED', 'REMOVING', 'REMOVAL_FAILED', 'RETURNING', 'REMOVED', 'SUPERSEDED', 'CANCELLED')),
      CONSTRAINT "installation_want_known" CHECK (want IN ('PRESENT', 'ABSENT')),
      CONSTRAINT "PK_72d44f8234d9c707417b1471ee0" PRIMARY KEY ("token_id", "id")
    );
    CREATE INDEX "installation_of_user" ON "installation" ("user_id") WHERE user_id IS NOT NULL;
    CREATE INDEX "installation_of_device" ON "installation" ("device_id") WHERE device_id IS NOT NULL;
    CREATE INDEX "installation_license" ON "installation" ("token_id", "license_id") WHERE license_id IS NOT NULL;
    CREATE INDEX "installation_deadline" ON "installation" ("deadline_at") WHERE deadline_at IS NOT NULL;
    CREATE INDEX "installation_handle" ON "installation" ("target_id", "handle") WHERE handle IS NOT NULL;
    CREATE INDEX "installation_to_poll" ON "installation" ("target_id", "next_look_at") WHERE handle IS NOT NULL;
    CREATE INDEX "installation_to_apply" ON "installation" ("target_id", "id") WHERE state IN ('LICENSED', 'REMOVING') AND handle IS NULL;
    CREATE INDEX "installation_to_advance" ON "installation" ("token_id", "license_id") WHERE state IN ('CLAIMING', 'RETURNING');
    CREATE INDEX "installation_to_license" ON "installation" ("token_id", "store_app_id", "id") WHERE state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER');
    CREATE INDEX "installation_of_deployment" ON "installation" ("token_id", "deployment_id", "state", "id");
    CREATE INDEX "installation_page" ON "installation" ("token_id", "deployment_id", "id");
    CREATE UNIQUE INDEX "installation_member" ON "installation" ("token_id", "deployment_id", "user_id") WHERE device_id IS NULL;
    CREATE UNIQUE INDEX "installation_device" ON "installation" ("token_id", "deployment_id", "device_id") WHERE device_id IS NOT NULL;
    CREATE TABLE "mutation_answer" (
      "actor" text NOT NULL,
      "idempotency_key" text NOT NULL,
      "mutation" text NOT NULL,
      "input_digest" text NOT NULL,
      "answer" jsonb NOT NULL,
      "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "PK_18f04b2405ea8c76e4e3c1a1c22" PRIMARY KEY ("actor", "idempotency_key")
    );
    CREATE TABLE "rate_limit" (
      "key" character varying(255) NOT NULL,
      "points" integer NOT NULL DEFAULT '0',
      "expire" bigint,
      CONSTRAINT "PK_e6c0c0608decdf78e4d4b263397" PRIMARY KEY ("key")
    );
    CREATE TABLE "schedule_slot" (
      "schedule" text NOT NULL,
      "slot" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "taken_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "PK_3e222e1b3cd1abceb77aae5726e" PRIMARY KEY ("schedule", "slot")
    );
    CREATE TABLE "service_identity" (
      "single" boolean NOT NULL DEFAULT true,
      "mdm_id" uuid NOT NULL,
      "epoch" bigint NOT NULL DEFAULT '1',
      "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      CONSTRAINT "service_identity_single" CHECK (single),
      CONSTRAINT "PK_4963f017c5a120e99bf8e823e4e" PRIMARY KEY ("single")
    );
    CREATE TABLE "sync_run" (
      "token_id" uuid NOT NULL,
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "mode" text NOT NULL,
      "trigger" text NOT NULL,
      "state" text NOT NULL,
      "phase" text,
      "attempts" integer NOT NULL DEFAULT '0',
      "pages_read" integer NOT NULL DEFAULT '0',
      "pages_known" integer NOT NULL DEFAULT '0',
      "rows_added" integer NOT NULL DEFAULT '0',
      "rows_changed" integer NOT NULL DEFAULT '0',
      "rows_ended" integer NOT NULL DEFAULT '0',
      "warnings" text array NOT NULL DEFAULT '{}',
      "shrink_digest" text,
      "error" text,
      "started_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "ended_at" TIMESTAMP(3) WITH TIME ZONE,
      CONSTRAINT "sync_run_phase_known" CHECK (phase IN ('CONFIG', 'ASSETS', 'USERS', 'ASSIGNMENTS', 'MERGE', 'RECHECK')),
      CONSTRAINT "sync_run_state_known" CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'HELD_BACK', 'FAILED')),
      CONSTRAINT "sync_run_trigger_known" CHECK (trigger IN ('ADDED', 'MANUAL', 'SCHEDULE', 'RECOVERY')),
      CONSTRAINT "sync_run_mode_known" CHECK (mode IN ('FULL', 'DELTA')),
      CONSTRAINT "PK_b7710ada06aadbb993fd830a66a" PRIMARY KEY ("token_id", "id")
    );
    CREATE UNIQUE INDEX "sync_run_open" ON "sync_run" ("token_id") WHERE ended_at IS NULL;
    CREATE INDEX "sync_run_of_token" ON "sync_run" ("token_id", "started_at", "id");
    CREATE TABLE "webhook_event" (
      "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
      "target_id" uuid NOT NULL,
      "headers" jsonb NOT NULL,
      "body" bytea NOT NULL,
      "received_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      "read_at" TIMESTAMP(3) WITH TIME ZONE,
      "read_again_at" TIMESTAMP(3) WITH TIME ZONE,
      "error" text,
      CONSTRAINT "PK_0f56d2f40f5ec823acf8e8edad1" PRIMARY KEY ("id")
    );
    CREATE INDEX "webhook_event_unread" ON "webhook_event" ("target_id", "id") WHERE read_at IS NULL;
    ALTER TABLE "token" ADD CONSTRAINT "token_target" FOREIGN KEY ("target_id") REFERENCES "target"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "apple_user" ADD CONSTRAINT "apple_user_user_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE NO ACTION;
    ALTER TABLE "apple_user" ADD CONSTRAINT "apple_user_token_fk" FOREIGN KEY ("token_id") REFERENCES "token"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "device" ADD CONSTRAINT "device_user_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE NO ACTION;
    ALTER TABLE "store_app" ADD CONSTRAINT "store_app_token_fk" FOREIGN KEY ("token_id") REFERENCES "token"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "license" ADD CONSTRAINT "license_apple_user_fk" FOREIGN KEY ("token_id", "apple_user_id") REFERENCES "apple_user"("token_id","id") ON DELETE NO ACTION ON UPDATE NO ACTION;
    ALTER TABLE "license" ADD CONSTRAINT "license_device_fk" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
    ALTER TABLE "license" ADD CONSTRAINT "license_store_app_fk" FOREIGN KEY ("token_id", "store_app_id") REFERENCES "store_app"("token_id","id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "apple_operation" ADD CONSTRAINT "apple_operation_store_app_fk" FOREIGN KEY ("token_id", "store_app_id") REFERENCES "store_app"("token_id","id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "apple_operation" ADD CONSTRAINT "apple_operation_token_fk" FOREIGN KEY ("token_id") REFERENCES "token"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "apple_operation_holder" ADD CONSTRAINT "apple_operation_holder_operation_fk" FOREIGN KEY ("token_id", "operation_id") REFERENCES "apple_operation"("token_id","id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "application" ADD CONSTRAINT "application_target_fk" FOREIGN KEY ("target_id") REFERENCES "target"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "application" ADD CONSTRAINT "application_store_app_fk" FOREIGN KEY ("token_id", "store_app_id") REFERENCES "store_app"("token_id","id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "collection" ADD CONSTRAINT "collection_target_fk" FOREIGN KEY ("target_id") REFERENCES "target"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "collection_member" ADD CONSTRAINT "collection_member_device_fk" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "collection_member" ADD CONSTRAINT "collection_member_user_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "collection_member" ADD CONSTRAINT "collection_member_collection_fk" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "deployment" ADD CONSTRAINT "deployment_target_fk" FOREIGN KEY ("target_id") REFERENCES "target"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "deployment" ADD CONSTRAINT "deployment_collection_fk" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "deployment" ADD CONSTRAINT "deployment_application_fk" FOREIGN KEY ("token_id", "application_id") REFERENCES "application"("token_id","id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "deployment" ADD CONSTRAINT "deployment_store_app_fk" FOREIGN KEY ("token_id", "store_app_id") REFERENCES "store_app"("token_id","id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "holder_alias" ADD CONSTRAINT "holder_alias_device_fk" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "holder_alias" ADD CONSTRAINT "holder_alias_user_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "holder_alias" ADD CONSTRAINT "holder_alias_target_fk" FOREIGN KEY ("target_id") REFERENCES "target"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "installation" ADD CONSTRAINT "installation_user_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
    ALTER TABLE "installation" ADD CONSTRAINT "installation_device_fk" FOREIGN KEY ("device_id") REFERENCES "device"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
    ALTER TABLE "installation" ADD CONSTRAINT "installation_target_fk" FOREIGN KEY ("target_id") REFERENCES "target"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "installation" ADD CONSTRAINT "installation_license_fk" FOREIGN KEY ("token_id", "license_id") REFERENCES "license"("token_id","id") ON DELETE NO ACTION ON UPDATE NO ACTION;
    ALTER TABLE "installation" ADD CONSTRAINT "installation_deployment_fk" FOREIGN KEY ("token_id", "deployment_id") REFERENCES "deployment"("token_id","id") ON DELETE RESTRICT ON UPDATE NO ACTION;
    ALTER TABLE "sync_run" ADD CONSTRAINT "sync_run_token_fk" FOREIGN KEY ("token_id") REFERENCES "token"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    ALTER TABLE "webhook_event" ADD CONSTRAINT "webhook_event_target_fk" FOREIGN KEY ("target_id") REFERENCES "target"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
`;

import type { MigrationInterface, QueryRunner } from "typeorm";

const REASONS = `'NO_USER', 'DEVICE_LIMIT', 'UNKNOWN_AT_TARGET', 'NO_SERIAL', 'DEVICE_GONE', 'PLATFORM_UNSUPPORTED',
  'OUT_OF_STOCK', 'LICENSE_RETURNING', 'REGISTRATION_OPEN', 'INVITATION_OPEN', 'REGISTRATION_REFUSED', 'REFUSED_BY_APPLE',
  'TOKEN_NOT_WRITABLE', 'REFUSED_BY_TARGET', 'NEEDS_USER', 'TIMED_OUT', 'SERVED_BY_OTHER_TOKEN', 'LICENSE_LOST',
  'IRREVOCABLE', 'USER_LEFT', 'KEPT_BY_INSTALL', 'RECLAIMED'`;

/** Licences that an admin gives, protects, or loses sight of, and operations that one gives up. */
export class NoLeak1800001300000 implements MigrationInterface {
  name = "NoLeak1800001300000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "license"
        ADD "given_at" TIMESTAMP(3) WITH TIME ZONE,
        ADD "given_by" text,
        ADD "never_reclaim" boolean NOT NULL DEFAULT false,
        ADD "abandoned_at" TIMESTAMP(3) WITH TIME ZONE,
        ADD CONSTRAINT "license_given_by_someone" CHECK ((given_at IS NULL) = (given_by IS NULL)),
        DROP CONSTRAINT "license_held_when_confirmed",
        ADD CONSTRAINT "license_held_when_confirmed"
          CHECK (state NOT IN ('HELD', 'RETURNING') OR assigned_at IS NOT NULL OR abandoned_at IS NOT NULL);
      ALTER TABLE "apple_operation"
        ADD "abandoned_by" text,
        ADD "forgiven_attempts" integer NOT NULL DEFAULT 0,
        DROP CONSTRAINT "apple_operation_state_known",
        ADD CONSTRAINT "apple_operation_state_known"
          CHECK (state IN ('PENDING', 'SENDING', 'SENT', 'UNKNOWN', 'PAUSED', 'DONE', 'FAILED', 'ABANDONED')),
        ADD CONSTRAINT "apple_operation_abandoned_by_someone"
          CHECK ((state = 'ABANDONED') = (abandoned_by IS NOT NULL));
      ALTER TABLE "apple_operation_holder"
        DROP CONSTRAINT "apple_operation_holder_outcome_known",
        ADD CONSTRAINT "apple_operation_holder_outcome_known"
          CHECK (outcome IN ('OPEN', 'DONE', 'FAILED', 'ABANDONED'));
      ALTER TABLE "installation"
        DROP CONSTRAINT "installation_reason_known",
        ADD CONSTRAINT "installation_reason_known"
          CHECK (reason IN (${REASONS}, 'LICENSE_KEPT', 'OPERATION_ABANDONED'));
      DROP INDEX "installation_license";
      CREATE INDEX "installation_license" ON "installation" ("token_id", "license_id", "left_at")
        WHERE license_id IS NOT NULL;
      CREATE INDEX "installation_left_license" ON "installation" ("token_id", "license_id")
        WHERE license_id IS NOT NULL AND left_at IS NOT NULL;
      CREATE INDEX "license_of_nobody" ON "license" ("token_id", "id")
        WHERE ended_at IS NULL AND device_id IS NULL AND apple_user_id IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX "license_of_nobody";
      DROP INDEX "installation_left_license";
      DROP INDEX "installation_license";
      CREATE INDEX "installation_license" ON "installation" ("token_id", "license_id") WHERE license_id IS NOT NULL;
      UPDATE "installation" SET "reason" = NULL WHERE "reason" IN ('LICENSE_KEPT', 'OPERATION_ABANDONED');
      ALTER TABLE "installation"
        DROP CONSTRAINT "installation_reason_known",
        ADD CONSTRAINT "installation_reason_known" CHECK (reason IN (${REASONS}));
      ALTER TABLE "apple_operation_holder"
        DROP CONSTRAINT "apple_operation_holder_outcome_known",
        ADD CONSTRAINT "apple_operation_holder_outcome_known" CHECK (outcome IN ('OPEN', 'DONE', 'FAILED'));
      ALTER TABLE "apple_operation"
        DROP CONSTRAINT "apple_operation_abandoned_by_someone",
        DROP COLUMN "forgiven_attempts", DROP COLUMN "abandoned_by",
        DROP CONSTRAINT "apple_operation_state_known",
        ADD CONSTRAINT "apple_operation_state_known"
          CHECK (state IN ('PENDING', 'SENDING', 'SENT', 'UNKNOWN', 'PAUSED', 'DONE', 'FAILED'));
      ALTER TABLE "license"
        DROP CONSTRAINT "license_held_when_confirmed",
        ADD CONSTRAINT "license_held_when_confirmed"
          CHECK (state NOT IN ('HELD', 'RETURNING') OR assigned_at IS NOT NULL),
        DROP CONSTRAINT "license_given_by_someone",
        DROP COLUMN "abandoned_at", DROP COLUMN "never_reclaim", DROP COLUMN "given_by", DROP COLUMN "given_at"`);
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";

const KINDS = `'LICENSES_SHRINK_HELD', 'MEMBERS_SHRINK_HELD', 'COUNT_MISMATCH', 'TOKEN_NOT_WRITABLE', 'TOKENS_EXPIRE',
  'DATABASE_RESTORED', 'NOTIFICATIONS_OFF', 'APNS_EXPIRES', 'INVITATIONS_OPEN', 'LOW_STOCK', 'SYNC_FAILED', 'OPERATION_STUCK'`;

/** A target whose calls fail is left alone, for longer each time, and told of. */
export class Circuits1800002200000 implements MigrationInterface {
  name = "Circuits1800002200000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE "target" SET paused_until = NULL;
      ALTER TABLE "target"
        ADD "failures" integer NOT NULL DEFAULT 0,
        ADD "opened_at" timestamptz(3),
        ADD "tried_until" timestamptz(3),
        ADD "last_error" text,
        ADD "last_failed_at" timestamptz(3),
        ADD CONSTRAINT "target_open_until" CHECK ((opened_at IS NULL) = (paused_until IS NULL)),
        ADD CONSTRAINT "target_tried_open" CHECK (tried_until IS NULL OR opened_at IS NOT NULL),
        ADD CONSTRAINT "target_failures_counted" CHECK (failures >= 0 AND (opened_at IS NULL OR failures > 0));
      ALTER TABLE "alert" DROP CONSTRAINT "alert_kind_known",
        ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}, 'TARGET_FAILING', 'TARGET_FLOODING'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM "alert" WHERE "kind" IN ('TARGET_FAILING', 'TARGET_FLOODING');
      ALTER TABLE "alert" DROP CONSTRAINT "alert_kind_known",
        ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}));
      ALTER TABLE "target" DROP COLUMN "failures", DROP COLUMN "opened_at", DROP COLUMN "tried_until",
        DROP COLUMN "last_error", DROP COLUMN "last_failed_at"`);
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";

const REASONS = `'NO_USER', 'DEVICE_LIMIT', 'UNKNOWN_AT_TARGET', 'NO_SERIAL', 'DEVICE_GONE', 'PLATFORM_UNSUPPORTED', 'OUT_OF_STOCK', 'LICENSE_RETURNING', 'REGISTRATION_OPEN', 'INVITATION_OPEN', 'REGISTRATION_REFUSED', 'REFUSED_BY_APPLE', 'TOKEN_NOT_WRITABLE', 'REFUSED_BY_TARGET', 'NEEDS_USER', 'TIMED_OUT', 'SERVED_BY_OTHER_TOKEN', 'LICENSE_LOST', 'IRREVOCABLE', 'USER_LEFT'`;

/** What becomes of those who leave, when they have left, deployments that were deleted, and devices that were lost. */
export class Leaving1800001000000 implements MigrationInterface {
  name = "Leaving1800001000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "deployment"
        ADD "on_leave" text NOT NULL DEFAULT 'KEEP',
        ADD "deleted_at" TIMESTAMP(3) WITH TIME ZONE,
        ADD "deleted_by" text,
        ALTER COLUMN "collection_id" DROP NOT NULL,
        ADD CONSTRAINT "deployment_on_leave_known" CHECK (on_leave IN ('KEEP', 'UNINSTALL', 'RECLAIM')),
        ADD CONSTRAINT "deployment_collection_while_it_lives" CHECK (collection_id IS NOT NULL OR deleted_at IS NOT NULL),
        ADD CONSTRAINT "deployment_deleted_by_somebody" CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)),
        DROP CONSTRAINT "deployment_collection_fk",
        ADD CONSTRAINT "deployment_collection_fk" FOREIGN KEY ("collection_id") REFERENCES "collection" ("id") ON DELETE SET NULL ON UPDATE NO ACTION;
      DROP INDEX "deployment_unique";
      CREATE UNIQUE INDEX "deployment_unique" ON "deployment" ("token_id", "store_app_id", "collection_id", "target_id")
        WHERE deleted_at IS NULL;
      ALTER TABLE "installation"
        ADD "left_at" TIMESTAMP(3) WITH TIME ZONE,
        DROP CONSTRAINT "installation_reason_known",
        ADD CONSTRAINT "installation_reason_known" CHECK (reason IN (${REASONS}, 'KEPT_BY_INSTALL', 'RECLAIMED'));
      ALTER TABLE "device" ADD "lost_at" TIMESTAMP(3) WITH TIME ZONE;
      CREATE INDEX "device_lost" ON "device" ("id") WHERE lost_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "device" DROP COLUMN "lost_at";
      UPDATE "installation" SET "reason" = NULL WHERE "reason" IN ('KEPT_BY_INSTALL', 'RECLAIMED');
      ALTER TABLE "installation"
        DROP COLUMN "left_at",
        DROP CONSTRAINT "installation_reason_known",
        ADD CONSTRAINT "installation_reason_known" CHECK (reason IN (${REASONS}));
      DELETE FROM "installation" i USING "deployment" d
        WHERE d."token_id" = i."token_id" AND d."id" = i."deployment_id" AND d."deleted_at" IS NOT NULL;
      DELETE FROM "deployment" WHERE "deleted_at" IS NOT NULL;
      DROP INDEX "deployment_unique";
      CREATE UNIQUE INDEX "deployment_unique" ON "deployment" ("token_id", "store_app_id", "collection_id", "target_id");
      ALTER TABLE "deployment"
        DROP CONSTRAINT "deployment_collection_fk",
        ADD CONSTRAINT "deployment_collection_fk" FOREIGN KEY ("collection_id") REFERENCES "collection" ("id") ON DELETE RESTRICT ON UPDATE NO ACTION,
        DROP COLUMN "deleted_by",
        DROP COLUMN "deleted_at",
        DROP COLUMN "on_leave",
        ALTER COLUMN "collection_id" SET NOT NULL`);
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";

const REASONS = `'NO_USER', 'DEVICE_LIMIT', 'UNKNOWN_AT_TARGET', 'NO_SERIAL', 'DEVICE_GONE', 'PLATFORM_UNSUPPORTED', 'OUT_OF_STOCK', 'LICENSE_RETURNING', 'REGISTRATION_OPEN', 'INVITATION_OPEN', 'REGISTRATION_REFUSED', 'REFUSED_BY_APPLE', 'TOKEN_NOT_WRITABLE', 'REFUSED_BY_TARGET', 'NEEDS_USER', 'TIMED_OUT', 'SERVED_BY_OTHER_TOKEN', 'LICENSE_LOST', 'IRREVOCABLE'`;

/** By which names targets no longer know somebody, who has left, and that an installation ended for that. */
export class PeopleWhoLeave1800000300000 implements MigrationInterface {
  name = "PeopleWhoLeave1800000300000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "holder_alias" ADD "gone_at" TIMESTAMP(3) WITH TIME ZONE;
      CREATE INDEX "user_left" ON "user" ("left_at") WHERE left_at IS NOT NULL;
      ALTER TABLE "installation" DROP CONSTRAINT "installation_reason_known",
        ADD CONSTRAINT "installation_reason_known" CHECK (reason IN (${REASONS}, 'USER_LEFT'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE "installation" SET "reason" = 'NO_USER' WHERE "reason" = 'USER_LEFT';
      ALTER TABLE "installation" DROP CONSTRAINT "installation_reason_known",
        ADD CONSTRAINT "installation_reason_known" CHECK (reason IN (${REASONS}));
      DROP INDEX "user_left";
      ALTER TABLE "holder_alias" DROP COLUMN "gone_at"`);
  }
}

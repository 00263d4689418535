import type { MigrationInterface, QueryRunner } from "typeorm";

const KINDS = `'LICENSES_SHRINK_HELD', 'MEMBERS_SHRINK_HELD', 'COUNT_MISMATCH', 'TOKEN_NOT_WRITABLE', 'TOKENS_EXPIRE',
  'DATABASE_RESTORED', 'NOTIFICATIONS_OFF'`;

/** Devices that change hands, people who do not accept their invitation, and certificates that expire. */
export class People1800001400000 implements MigrationInterface {
  name = "People1800001400000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "installation"
        ADD "former_license_id" bigint,
        ADD "reminded_at" TIMESTAMP(3) WITH TIME ZONE,
        ADD CONSTRAINT "installation_former_license_fk" FOREIGN KEY ("token_id", "former_license_id")
          REFERENCES "license" ("token_id", "id");
      CREATE INDEX "installation_former_license" ON "installation" ("token_id", "former_license_id")
        WHERE former_license_id IS NOT NULL;
      CREATE INDEX "installation_hindered" ON "installation" ("token_id", "store_app_id", "id")
        WHERE reason IN ('DEVICE_LIMIT', 'SERVED_BY_OTHER_TOKEN', 'USER_LEFT');
      CREATE INDEX "installation_invited" ON "installation" ("token_id", "state_at") WHERE reason = 'INVITATION_OPEN';
      ALTER TABLE "alert"
        DROP CONSTRAINT "alert_kind_known",
        ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}, 'APNS_EXPIRES', 'INVITATIONS_OPEN'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM "alert" WHERE "kind" IN ('APNS_EXPIRES', 'INVITATIONS_OPEN');
      ALTER TABLE "alert"
        DROP CONSTRAINT "alert_kind_known",
        ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}));
      DROP INDEX "installation_invited";
      DROP INDEX "installation_hindered";
      DROP INDEX "installation_former_license";
      ALTER TABLE "installation"
        DROP CONSTRAINT "installation_former_license_fk",
        DROP COLUMN "reminded_at", DROP COLUMN "former_license_id"`);
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";

const KINDS = `'LICENSES_SHRINK_HELD', 'MEMBERS_SHRINK_HELD', 'COUNT_MISMATCH', 'TOKEN_NOT_WRITABLE', 'TOKENS_EXPIRE',
  'DATABASE_RESTORED', 'NOTIFICATIONS_OFF', 'APNS_EXPIRES', 'INVITATIONS_OPEN', 'LOW_STOCK', 'SYNC_FAILED', 'OPERATION_STUCK',
  'TARGET_FAILING', 'TARGET_FLOODING'`;

/** What deployments have set up at products is remembered until it is ended there; what there may be by now, as well. */
export class StandingOrders1800002613300 implements MigrationInterface {
  name = "StandingOrders1800002613300";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "standing_order" (
        "token_id" uuid NOT NULL,
        "application_id" bigint NOT NULL,
        "collection" text NOT NULL,
        "collection_name" text NOT NULL,
        "given_at" timestamptz(3) NOT NULL,
        "attempts" integer NOT NULL DEFAULT 0,
        "next_attempt_at" timestamptz(3),
        "last_error" text,
        CONSTRAINT "standing_order_attempts" CHECK (attempts >= 0),
        CONSTRAINT "standing_order_application_fk" FOREIGN KEY ("token_id", "application_id")
          REFERENCES "application" ("token_id", "id") ON DELETE CASCADE,
        CONSTRAINT "PK_standing_order" PRIMARY KEY ("token_id", "application_id", "collection")
      );
      INSERT INTO "standing_order" (token_id, application_id, collection, collection_name, given_at)
      SELECT token_id, application_id, '', '', now() FROM "deployment" GROUP BY token_id, application_id;
      INSERT INTO "standing_order" (token_id, application_id, collection, collection_name, given_at)
      SELECT d.token_id, d.application_id, c.external_id, min(c.name), now()
      FROM "deployment" d JOIN "collection" c ON c.id = d.collection_id AND c.target_id = d.target_id
      JOIN "token" t ON t.id = d.token_id AND t.authority = 'TARGET'
      WHERE c.external_id IS NOT NULL GROUP BY d.token_id, d.application_id, c.external_id;
      ALTER TABLE "alert" DROP CONSTRAINT "alert_kind_known",
        ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}, 'RELEASE_FAILED'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE "standing_order";
      DELETE FROM "alert" WHERE "kind" = 'RELEASE_FAILED';
      ALTER TABLE "alert" DROP CONSTRAINT "alert_kind_known",
        ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}))`);
  }
}

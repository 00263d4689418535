import type { MigrationInterface, QueryRunner } from "typeorm";

const KINDS = `'LICENSES_SHRINK_HELD', 'MEMBERS_SHRINK_HELD', 'COUNT_MISMATCH', 'TOKEN_NOT_WRITABLE', 'TOKENS_EXPIRE',
  'DATABASE_RESTORED', 'NOTIFICATIONS_OFF', 'APNS_EXPIRES', 'INVITATIONS_OPEN'`;

/** Rules by which alerts are raised, and who is told of them: subscribers and webhooks. */
export class Alerts1800001600000 implements MigrationInterface {
  name = "Alerts1800001600000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ALERT);
    await runner.query(RULES);
    await runner.query(WEBHOOKS);
    await runner.query(TRIGGERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER alert_raised ON "alert";
      DROP TRIGGER alert_changed ON "alert";
      DROP FUNCTION tell_of_raised_alerts, tell_of_changed_alerts;
      DROP TABLE "webhook_delivery";
      DROP TABLE "webhook_endpoint";
      DROP TABLE "alert_notice";
      DROP TABLE "alert_rule";
      DROP INDEX "alert_raised_open", "alert_of_kind", "alert_of_subject", "alert_of_token";
      DELETE FROM "alert" WHERE "kind" IN ('LOW_STOCK', 'SYNC_FAILED', 'OPERATION_STUCK');
      ALTER TABLE "alert" DROP COLUMN "token_id",
        DROP CONSTRAINT "alert_kind_known",
        ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}))`);
  }
}

/** What is open and belongs to a token is read from its subject, a global id: base64url of type, token and key. */
const ALERT = `
  ALTER TABLE "alert" ADD "token_id" uuid,
    DROP CONSTRAINT "alert_kind_known",
    ADD CONSTRAINT "alert_kind_known" CHECK (kind IN (${KINDS}, 'LOW_STOCK', 'SYNC_FAILED', 'OPERATION_STUCK'));
  UPDATE "alert" SET token_id = split_part(key, ':', 2)::uuid
  FROM (SELECT id, convert_from(decode(rpad(text, (length(text) + 3) / 4 * 4, '='), 'base64'), 'UTF8') AS key
        FROM (SELECT id, translate(subject, '-_', '+/') AS text FROM "alert"
              WHERE kind IN ('LICENSES_SHRINK_HELD', 'COUNT_MISMATCH', 'TOKEN_NOT_WRITABLE', 'NOTIFICATIONS_OFF',
                             'INVITATIONS_OPEN')) AS subjects) AS keys
  WHERE keys.id = "alert".id;
  CREATE INDEX "alert_raised_open" ON "alert" ("raised_at", "id") WHERE cleared_at IS NULL;
  CREATE INDEX "alert_of_kind" ON "alert" ("kind", "raised_at", "id");
  CREATE INDEX "alert_of_subject" ON "alert" ("subject", "raised_at", "id");
  CREATE INDEX "alert_of_token" ON "alert" ("token_id", "raised_at", "id");
`;

/** An installation begins with rules that nobody minds; how much stock is little, only its admin knows. */
const RULES = `
  CREATE TABLE "alert_rule" (
    "id" uuid NOT NULL,
    "kind" text NOT NULL,
    "token_id" uuid,
    "store_app_id" bigint,
    "below" integer,
    "below_percent" integer,
    "failures" integer,
    "after_hours" integer,
    "attempts" integer,
    "muted" boolean NOT NULL,
    "set_at" timestamptz(3) NOT NULL,
    "set_by" text NOT NULL,
    CONSTRAINT "PK_alert_rule" PRIMARY KEY ("id"),
    CONSTRAINT "alert_rule_kind_known" CHECK (kind IN ('LOW_STOCK', 'SYNC_FAILED', 'OPERATION_STUCK')),
    CONSTRAINT "alert_rule_of_kind" CHECK (CASE kind
  WHEN 'LOW_STOCK' THEN num_nonnulls(failures, after_hours, attempts) = 0 AND muted = (num_nonnulls(below, below_percent) = 0)
  WHEN 'SYNC_FAILED' THEN num_nonnulls(below, below_percent, after_hours, attempts) = 0 AND muted = (failures IS NULL)
  ELSE num_nonnulls(below, below_percent, failures) = 0 AND muted = (num_nonnulls(after_hours, attempts) = 0) END),
    CONSTRAINT "alert_rule_app_has_token" CHECK (store_app_id IS NULL OR token_id IS NOT NULL AND kind = 'LOW_STOCK'),
    CONSTRAINT "alert_rule_below" CHECK (below >= 1),
    CONSTRAINT "alert_rule_below_percent" CHECK (below_percent BETWEEN 1 AND 100),
    CONSTRAINT "alert_rule_failures" CHECK (failures BETWEEN 1 AND 20),
    CONSTRAINT "alert_rule_after_hours" CHECK (after_hours BETWEEN 1 AND 8760),
    CONSTRAINT "alert_rule_attempts" CHECK (attempts BETWEEN 1 AND 100),
    CONSTRAINT "alert_rule_token_fk" FOREIGN KEY ("token_id") REFERENCES "token" ("id") ON DELETE CASCADE,
    CONSTRAINT "alert_rule_store_app_fk" FOREIGN KEY ("token_id", "store_app_id")
      REFERENCES "store_app" ("token_id", "id") ON DELETE CASCADE
  );
  CREATE UNIQUE INDEX "alert_rule_general" ON "alert_rule" ("kind") WHERE token_id IS NULL;
  CREATE UNIQUE INDEX "alert_rule_of_token" ON "alert_rule" ("token_id", "kind") WHERE store_app_id IS NULL;
  CREATE UNIQUE INDEX "alert_rule_of_app" ON "alert_rule" ("token_id", "store_app_id", "kind")
    WHERE store_app_id IS NOT NULL;
  INSERT INTO "alert_rule" ("id", "kind", "failures", "after_hours", "attempts", "muted", "set_at", "set_by") VALUES
    (gen_random_uuid(), 'SYNC_FAILED', 1, NULL, NULL, false, now(), 'installation'),
    (gen_random_uuid(), 'OPERATION_STUCK', NULL, 24, 4, false, now(), 'installation');
`;

const WEBHOOKS = `
  CREATE TABLE "alert_notice" (
    "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    "alert_id" uuid NOT NULL,
    "kind" text NOT NULL,
    "subject" text NOT NULL,
    "message" text NOT NULL,
    "cleared" boolean NOT NULL,
    "noticed_at" timestamptz(3) NOT NULL,
    CONSTRAINT "PK_alert_notice" PRIMARY KEY ("id")
  );
  CREATE TABLE "webhook_endpoint" (
    "id" uuid NOT NULL,
    "url" text NOT NULL,
    "secret" text NOT NULL,
    "kinds" text array NOT NULL,
    "added_at" timestamptz(3) NOT NULL,
    "added_by" text NOT NULL,
    "delivered_at" timestamptz(3),
    "last_error" text,
    CONSTRAINT "PK_webhook_endpoint" PRIMARY KEY ("id")
  );
  CREATE TABLE "webhook_delivery" (
    "id" uuid NOT NULL,
    "endpoint_id" uuid NOT NULL,
    "type" text NOT NULL,
    "data" json NOT NULL,
    "state" text NOT NULL DEFAULT 'PENDING',
    "attempts" integer NOT NULL DEFAULT 0,
    "status_code" integer,
    "error" text,
    "created_at" timestamptz(3) NOT NULL,
    "next_attempt_at" timestamptz(3) NOT NULL,
    "ended_at" timestamptz(3),
    CONSTRAINT "PK_webhook_delivery" PRIMARY KEY ("id"),
    CONSTRAINT "webhook_delivery_state_known" CHECK (state IN ('PENDING', 'DELIVERED', 'GIVEN_UP')),
    CONSTRAINT "webhook_delivery_type_known" CHECK (type IN ('alerts.digest', 'webhook.test')),
    CONSTRAINT "webhook_delivery_end" CHECK ((state = 'PENDING') = (ended_at IS NULL)),
    CONSTRAINT "webhook_delivery_endpoint_fk" FOREIGN KEY ("endpoint_id")
      REFERENCES "webhook_endpoint" ("id") ON DELETE CASCADE
  );
  CREATE INDEX "webhook_delivery_of_endpoint" ON "webhook_delivery" ("endpoint_id", "created_at", "id");
  CREATE INDEX "webhook_delivery_open" ON "webhook_delivery" ("endpoint_id", "created_at") WHERE ended_at IS NULL;
  CREATE INDEX "webhook_delivery_ended" ON "webhook_delivery" ("ended_at") WHERE ended_at IS NOT NULL;
`;

/**
 * Of a change of words alone subscribers are told, and no webhook. A session keeps the plan of its first call, which may have
 * been about no row at all: without that setting, thousands would later be compared with thousands one by one.
 */
const TRIGGERS = `
  CREATE FUNCTION tell_of_raised_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM tell_of_changes('alert', (SELECT array_agg(id::text) FROM added));
    INSERT INTO alert_notice (alert_id, kind, subject, message, cleared, noticed_at)
    SELECT id, kind, subject, message, false, raised_at FROM added;
    RETURN NULL;
  END $$;
  CREATE TRIGGER alert_raised AFTER INSERT ON "alert" REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_raised_alerts();

  CREATE FUNCTION tell_of_changed_alerts() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
  BEGIN
    PERFORM tell_of_changes('alert', (
      SELECT array_agg(id::text) FROM fresh JOIN stale USING (id) WHERE fresh IS DISTINCT FROM stale));
    INSERT INTO alert_notice (alert_id, kind, subject, message, cleared, noticed_at)
    SELECT id, fresh.kind, fresh.subject, fresh.message, fresh.cleared_at IS NOT NULL,
           COALESCE(fresh.cleared_at, fresh.raised_at)
    FROM fresh JOIN stale USING (id)
    WHERE stale.cleared_at IS NULL AND (fresh.cleared_at IS NOT NULL OR fresh.raised_at > stale.raised_at);
    RETURN NULL;
  END $$;
  CREATE TRIGGER alert_changed AFTER UPDATE ON "alert" REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_changed_alerts();
`;

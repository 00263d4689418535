import type { MigrationInterface, QueryRunner } from "typeorm";

/** Every mutation that was asked for, by whom, and what became of it. */
export class AuditEvents1800113013500 implements MigrationInterface {
  name = "AuditEvents1800113013500";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "audit_event" (
        "id" uuid NOT NULL,
        "at" timestamptz(3) NOT NULL,
        "actor" text NOT NULL,
        "role" text NOT NULL,
        "teams" text[],
        "mutation" text NOT NULL,
        "input" jsonb NOT NULL,
        "outcome" text NOT NULL,
        "code" text,
        "idempotency_key" text,
        "request_id" text NOT NULL,
        CONSTRAINT "PK_audit_event" PRIMARY KEY ("id"),
        CONSTRAINT "audit_event_role_known" CHECK (role IN ('VIEWER', 'OPERATOR', 'ADMIN')),
        CONSTRAINT "audit_event_outcome_known" CHECK (outcome IN ('DONE', 'REPEATED', 'REFUSED', 'FAILED')),
        CONSTRAINT "audit_event_code" CHECK ((code IS NOT NULL) = (outcome IN ('REFUSED', 'FAILED')))
      );
      CREATE INDEX "audit_event_at" ON "audit_event" ("at", "id");
      CREATE INDEX "audit_event_of_actor" ON "audit_event" ("actor", "at", "id");
      CREATE INDEX "audit_event_of_mutation" ON "audit_event" ("mutation", "at", "id");
      CREATE INDEX "audit_event_of_outcome" ON "audit_event" ("outcome", "at", "id")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "audit_event"`);
  }
}

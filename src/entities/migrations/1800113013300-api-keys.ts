import type { MigrationInterface, QueryRunner } from "typeorm";

/** Keys that open the API; every replica is told at once which was revoked. */
export class ApiKeys1800113013300 implements MigrationInterface {
  name = "ApiKeys1800113013300";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(TRIGGER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "api_key"; DROP FUNCTION tell_of_revoked_api_keys`);
  }
}

const TABLE = `
  CREATE TABLE "api_key" (
    "id" uuid NOT NULL,
    "name" text NOT NULL,
    "prefix" text NOT NULL,
    "hash" bytea NOT NULL,
    "role" text NOT NULL,
    "teams" text[],
    "expires_at" timestamptz(3),
    "last_used_at" timestamptz(3),
    "created_at" timestamptz(3) NOT NULL,
    "created_by" text NOT NULL,
    "revoked_at" timestamptz(3),
    "revoked_by" text,
    CONSTRAINT "PK_api_key" PRIMARY KEY ("id"),
    CONSTRAINT "api_key_role_known" CHECK (role IN ('VIEWER', 'OPERATOR', 'ADMIN')),
    CONSTRAINT "api_key_revoked_by" CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT "api_key_teams" CHECK (cardinality(teams) > 0)
  );
  CREATE UNIQUE INDEX "api_key_prefix" ON "api_key" ("prefix");
  CREATE UNIQUE INDEX "api_key_name" ON "api_key" ("name") WHERE revoked_at IS NULL;
  CREATE INDEX "api_key_created" ON "api_key" ("created_at", "id");
`;

const TRIGGER = `
  CREATE FUNCTION tell_of_revoked_api_keys() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM tell_of_changes('api_key', (
      SELECT array_agg(fresh.prefix) FROM fresh JOIN stale USING (id)
      WHERE fresh.revoked_at IS DISTINCT FROM stale.revoked_at));
    RETURN NULL;
  END $$;
  CREATE TRIGGER api_key_revoked AFTER UPDATE ON api_key REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_revoked_api_keys();
`;

import type { MigrationInterface, QueryRunner } from "typeorm";

const STARTED = "token_id, id, store_app_id, holder_kind, holder_key, started_at, start_cause, start_actor";

/** The ledger tells for which deployment a licence was claimed and returned; how it started is not rewritten in this, too. */
export class DeploymentsOfTheLedger1800002000000 implements MigrationInterface {
  name = "DeploymentsOfTheLedger1800002000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "license" ADD "start_deployment_id" bigint, ADD "last_deployment_id" bigint`);
    await runner.query(keepsThePast(`${STARTED}, start_deployment_id`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(keepsThePast(STARTED));
    await runner.query(`ALTER TABLE "license" DROP COLUMN "start_deployment_id", DROP COLUMN "last_deployment_id"`);
  }
}

function keepsThePast(fixed: string): string {
  const of = (row: string) =>
    fixed
      .split(", ")
      .map((name) => `${row}.${name}`)
      .join(", ");
  return `
    DROP TRIGGER license_keeps_the_past ON license;
    CREATE TRIGGER license_keeps_the_past BEFORE UPDATE ON license FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL OR (${of("OLD")}) IS DISTINCT FROM (${of("NEW")}))
    EXECUTE FUNCTION refuse_rewriting()`;
}

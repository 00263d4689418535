import type { MigrationInterface, QueryRunner } from "typeorm";

/** A registration that was not made leads to the operation that says why. */
export class RefusedRegistrations1800113020210 implements MigrationInterface {
  name = "RefusedRegistrations1800113020210";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "apple_user" ADD "refused_operation_id" bigint`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "apple_user" DROP COLUMN "refused_operation_id"`);
  }
}

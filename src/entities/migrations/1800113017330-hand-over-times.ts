import type { MigrationInterface, QueryRunner } from "typeorm";

/** A collection is released some time after the devices that keep its app were told alone. */
export class HandOverTimes1800113017330 implements MigrationInterface {
  name = "HandOverTimes1800113017330";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "standing_order" ADD "handed_over_at" timestamptz(3)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "standing_order" DROP COLUMN "handed_over_at"`);
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";

/** Digests without a key are forgotten: what is short or known but for a few digits could be found out from them. */
export class KeyedDigests1800002514121 implements MigrationInterface {
  name = "KeyedDigests1800002514121";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "mutation_answer" ALTER COLUMN "input_digest" DROP NOT NULL`);
    await runner.query(`UPDATE "mutation_answer" SET "input_digest" = NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE "mutation_answer" SET "input_digest" = '' WHERE "input_digest" IS NULL`);
    await runner.query(`ALTER TABLE "mutation_answer" ALTER COLUMN "input_digest" SET NOT NULL`);
  }
}

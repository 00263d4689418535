import type { MigrationInterface, QueryRunner } from "typeorm";

/** When a person's devices were last told to show Apple's invitation. */
export class InvitationsShown1800002500000 implements MigrationInterface {
  name = "InvitationsShown1800002500000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE apple_user ADD COLUMN invited_at timestamptz(3)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE apple_user DROP COLUMN invited_at`);
  }
}

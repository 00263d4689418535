import type { MigrationInterface, QueryRunner } from "typeorm";

const INDEXES = {
  alert_cleared: `"alert" ("cleared_at") WHERE cleared_at IS NOT NULL`,
  webhook_event_read: `"webhook_event" ("read_at") WHERE read_at IS NOT NULL`,
  mutation_answer_created: `"mutation_answer" ("created_at")`,
  apple_operation_ended: `"apple_operation" ("ended_at") WHERE ended_at IS NOT NULL`,
};

/** What is over for long is found by its time, to be forgotten. */
export class Forgetting1800002400000 implements MigrationInterface {
  name = "Forgetting1800002400000";

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, place] of Object.entries(INDEXES)) await runner.query(`CREATE INDEX "${name}" ON ${place}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP INDEX ${Object.keys(INDEXES)
        .map((name) => `"${name}"`)
        .join(", ")}`,
    );
  }
}

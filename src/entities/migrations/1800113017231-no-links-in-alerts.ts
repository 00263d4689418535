import type { MigrationInterface, QueryRunner } from "typeorm";

/** Alerts of people who have not accepted Apple's invitation held their links, and everybody reads alerts. */
export class NoLinksInAlerts1800113017231 implements MigrationInterface {
  name = "NoLinksInAlerts1800113017231";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE "alert" SET "message" = regexp_replace("message", ' \\(https?://[^)\\s]*\\)', '', 'g')
      WHERE "kind" = 'INVITATIONS_OPEN' AND "message" LIKE '%http%'`);
  }

  /** Links that were taken out are with their registrations. */
  async down(): Promise<void> {}
}

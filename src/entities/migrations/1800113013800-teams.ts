import type { MigrationInterface, QueryRunner } from "typeorm";

/** Whose tokens, targets and collections are; until an admin says so, they are seen by those alone who see everything. */
export class Teams1800113013800 implements MigrationInterface {
  name = "Teams1800113013800";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "token" ADD "teams" text[] NOT NULL DEFAULT '{}';
      ALTER TABLE "target" ADD "teams" text[] NOT NULL DEFAULT '{}';
      ALTER TABLE "collection" ADD "teams" text[] NOT NULL DEFAULT '{}';
      CREATE INDEX "token_teams" ON "token" USING gin ("teams");
      CREATE INDEX "target_teams" ON "target" USING gin ("teams")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE "token" DROP COLUMN "teams";
      ALTER TABLE "target" DROP COLUMN "teams";
      ALTER TABLE "collection" DROP COLUMN "teams"`);
  }
}

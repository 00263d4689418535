import type { MigrationInterface, QueryRunner } from "typeorm";

/** An alert for a token of whose changes Apple does not notify us although it should. */
export class NotificationsOff1800000500000 implements MigrationInterface {
  name = "NotificationsOff1800000500000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(kindsAre([...KINDS, "NOTIFICATIONS_OFF"]));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DELETE FROM alert WHERE kind = 'NOTIFICATIONS_OFF'");
    await runner.query(kindsAre(KINDS));
  }
}

const KINDS = [
  "LICENSES_SHRINK_HELD",
  "MEMBERS_SHRINK_HELD",
  "COUNT_MISMATCH",
  "TOKEN_NOT_WRITABLE",
  "TOKENS_EXPIRE",
  "DATABASE_RESTORED",
];

function kindsAre(kinds: readonly string[]): string {
  const list = kinds.map((kind) => `'${kind}'`).join(", ");
  return `ALTER TABLE alert DROP CONSTRAINT alert_kind_known, ADD CONSTRAINT alert_kind_known CHECK (kind IN (${list}))`;
}

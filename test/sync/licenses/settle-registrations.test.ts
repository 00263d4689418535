import type { QueryRunner } from "typeorm";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type AppleOperation,
  AppleOperationIntent,
  AppleOperationState,
  HolderOutcome,
} from "../../../src/entities/apple-operation.js";
import { type AppleUser, AppleUserStatus } from "../../../src/entities/apple-user.js";
import { HolderKind, LicenseState } from "../../../src/entities/license.js";
import type { Token } from "../../../src/entities/token.js";
import { nextDueOperation, openHolders } from "../../../src/sync/licenses/operation-record.js";
import { settleOperation } from "../../../src/sync/licenses/settle-operation.js";
import { eventually } from "../../support/eventually.js";
import { createNotificationWorld, type NotificationWorld } from "./notifications/notification-world.js";

let world: NotificationWorld;
let token: Token;
let person: AppleUser;
let operation: AppleOperation;

/** A registration that Apple has ended for us, with a licence that somebody assigned to it by hand before. */
beforeEach(async () => {
  world = await createNotificationWorld();
  token = await world.token();
  const app = await world.app(token);
  await world.read("UPDATE store_app SET held_count = 1, revocable = true");
  person = await world.samples.appleUser(token, { status: AppleUserStatus.ASSOCIATED });
  operation = await world.operation(app, "event", { intent: AppleOperationIntent.RETIRE_USERS });
  await world.read("UPDATE apple_operation SET store_app_id = NULL, next_attempt_at = now() - interval '1 hour'");
  await world.read("UPDATE apple_user SET operation_id = $1", [operation.id]);
  await world.read(
    `INSERT INTO apple_operation_holder (token_id, operation_id, holder_kind, holder_key, apple_user_id)
     VALUES ($1, $2, 'USER', $3, $4)`,
    [token.id, operation.id, person.clientUserId, person.id],
  );
  await world.samples.license(app, {
    holderKind: HolderKind.USER,
    holderKey: person.clientUserId,
    appleUserId: person.id,
    state: LicenseState.HELD,
  });
});
afterEach(() => world.stop());

async function settle(): Promise<void> {
  const record = await nextDueOperation(world.core, token.id, []);
  if (record?.state !== AppleOperationState.SENT) throw new Error("The operation is not due");
  const holders = await openHolders(world.core, record);
  await world.core.dataSource.transaction((tx) =>
    settleOperation(tx, world.core, record, {
      outcomes: holders.map((holder) => ({ holder, outcome: HolderOutcome.DONE })),
      registrations: new Map(),
      provenAt: world.core.clock.now(),
    }),
  );
}

const licenses = () => world.read("SELECT state, end_operation_id FROM license");

test("what a retired registration still held has gone with it, by our doing, and is free again", async () => {
  await settle();
  expect(await licenses()).toEqual([{ state: "ENDED", end_operation_id: operation.id }]);
  expect(await world.read("SELECT status FROM apple_user")).toEqual([{ status: "RETIRED" }]);
  expect(await world.read("SELECT held_count FROM store_app")).toEqual([{ held_count: 0 }]);
});

test("it waits for a synchronisation that has locked the app, without the licence that this one may want next", async () => {
  const writing: QueryRunner = world.core.dataSource.createQueryRunner();
  await writing.startTransaction();
  await writing.query("SELECT 1 FROM store_app FOR NO KEY UPDATE");
  const settling = settle();
  await eventually(async () => {
    const waiting = await world.read(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return waiting.length > 0 ? true : null;
  });
  const free = await writing.query("SELECT state FROM license FOR NO KEY UPDATE SKIP LOCKED");
  await writing.commitTransaction();
  await writing.release();
  await settling;
  expect(free).toEqual([{ state: "HELD" }]);
  expect(await licenses()).toEqual([{ state: "ENDED", end_operation_id: operation.id }]);
});

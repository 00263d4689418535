import { afterEach, beforeEach, expect, test } from "vitest";
import { noteFailures, type ToldFailure } from "../../../src/sync/licenses/note-failures.js";
import { nextDueOperation, type OperationRecord } from "../../../src/sync/licenses/operation-record.js";
import { createNotificationWorld, type NotificationWorld } from "./notifications/notification-world.js";

let world: NotificationWorld;
let operation: OperationRecord;

beforeEach(async () => {
  world = await createNotificationWorld();
  const token = await world.token();
  const { id } = await world.operation(await world.app(token), "event", { nextAttemptAt: new Date(0) });
  await world.read(
    `INSERT INTO apple_operation_holder (token_id, operation_id, holder_kind, holder_key)
     SELECT $1, $2, 'DEVICE', unnest('{A,B}'::text[])`,
    [token.id, id],
  );
  const due = await nextDueOperation(world.core, token.id, []);
  if (!due) throw new Error("The operation is not due");
  operation = due;
});
afterEach(() => world.stop());

const OF_ALL: ToldFailure = { errorNumber: 9603, serialNumbers: [], clientUserIds: [] };
const OF_A: ToldFailure = { errorNumber: 9709, serialNumbers: ["A"], clientUserIds: [] };

test.each([
  ["before", [OF_A, OF_ALL]],
  ["after", [OF_ALL, OF_A]],
])("what Apple says of one holder counts for it, though it says something of all, too: %s that", async (_, told) => {
  await noteFailures(world.core, operation, told);
  expect(await world.read("SELECT holder_key, error_number FROM apple_operation_holder ORDER BY 1")).toEqual([
    { holder_key: "A", error_number: 9709 },
    { holder_key: "B", error_number: 9603 },
  ]);
});

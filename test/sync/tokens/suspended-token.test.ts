import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { readNotifications } from "../../../src/sync/licenses/notifications/read-notifications.js";
import { receiveNotification } from "../../../src/sync/licenses/notifications/receive-notification.js";
import { checkDatabase } from "../../../src/sync/tokens/claim/check-database.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { resumeToken } from "../../../src/sync/tokens/resume-token.js";
import { suspendToken } from "../../../src/sync/tokens/suspend-token.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { verifyToken } from "../../../src/sync/tokens/verify-token.js";
import { scheduleSync } from "../../../src/sync/watch/schedule-sync.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: 4, licenses: 40, users: 0, assigned: 12 } });
  ({ tokenId } = await world.add());
  await checkDatabase(world.core);
  await verifyToken(world.core, { tokenId });
  await world.sync(tokenId);
});

afterEach(() => world.stop());

type Work = Parameters<TokenWorld["core"]["dataSource"]["transaction"]>[1];
const inTransaction = (work: Work) => world.core.dataSource.transaction(work as never);

async function suspend(): Promise<void> {
  await inTransaction((tx) => suspendToken(tx, world.core, tokenId, "key:admin"));
  await world.read("DELETE FROM graphile_worker._private_jobs");
  world.apple.world.requests.entries.length = 0;
}

const openRuns = () => world.read("SELECT mode, trigger FROM sync_run WHERE ended_at IS NULL");

/** Whatever is asked for runs, and nothing is read. */
async function expectLeftAlone(): Promise<void> {
  await sweep(world.core);
  expect(await openRuns()).toEqual([]);
  await syncToken(world.core, { tokenId });
  expect(world.apple.world.requests.entries).toEqual([]);
}

async function notify(notificationType: string, notification: object): Promise<void> {
  const [token] = await world.read<{ location_id: string }>("SELECT location_id FROM token");
  const body = { notificationId: notificationType, notificationType, uId: token?.location_id, notification };
  await receiveNotification(world.core, tokenId, JSON.stringify(body));
  await readNotifications(world.core, { tokenId });
}

it("is not read by a synchronisation that was asked for before, which is cancelled", async () => {
  const request = { mode: SyncMode.DELTA, trigger: SyncTrigger.SCHEDULE };
  await inTransaction((tx) => requestSync(tx, world.core, tokenId, request));
  await suspend();
  await expectLeftAlone();
  expect(await world.read("SELECT state FROM sync_run ORDER BY id DESC LIMIT 1")).toEqual([{ state: "CANCELLED" }]);
});

it("is not read for what Apple notifies us of, which is kept for later", async () => {
  await suspend();
  const [app] = await world.read<{ adam_id: string }>("SELECT adam_id FROM store_app LIMIT 1");
  await notify("ASSET_COUNT", { adamId: app?.adam_id, pricingParam: "STDQ", countDelta: 1 });
  await notify("ASSET_MANAGEMENT", { type: "ASSOCIATE", result: "SUCCESS", eventId: "theirs", assignments: [] });
  expect(await world.read("SELECT 1 FROM apple_notification WHERE read_at IS NULL")).toEqual([]);
  expect(await world.read("SELECT 1 FROM token WHERE hinted_at > last_sync_at")).toHaveLength(1);
  await world.read(
    "UPDATE sync_run SET started_at = started_at - interval '1 day', ended_at = ended_at - interval '1 day'",
  );
  await expectLeftAlone();
});

it("is neither verified nor read by its schedule", async () => {
  await suspend();
  await verifyToken(world.core, { tokenId });
  await scheduleSync(world.core, { tokenId });
  await expectLeftAlone();
});

it("is not read when the database was found restored, or has a new timeline", async () => {
  await suspend();
  await world.read("UPDATE service_identity SET timeline_seen = 4711");
  await checkDatabase(world.core);
  await expectLeftAlone();
  await world.read("UPDATE service_identity SET database_seen = 'another'");
  await checkDatabase(world.core);
  await expectLeftAlone();
  expect(await world.read("SELECT 1 FROM token WHERE distrusted_at IS NOT NULL")).toHaveLength(1);
  expect(await world.read("SELECT 1 FROM alert WHERE kind = 'DATABASE_RESTORED' AND cleared_at IS NULL")).toEqual([]);
});

it("is read once when an admin asks for that, and not again for what Apple told of meanwhile", async () => {
  await suspend();
  await world.read("UPDATE token SET hinted_at = now() + interval '1 hour'");
  expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED" });
  expect(await openRuns()).toEqual([]);
});

it("is verified and read when it is resumed, since much may have changed", async () => {
  await suspend();
  await inTransaction((tx) => resumeToken(tx, world.core, tokenId));
  const jobs = await world.read<{ task: string }>(
    "SELECT task_identifier AS task FROM graphile_worker.jobs ORDER BY 1",
  );
  expect(jobs.map(({ task }) => task)).toEqual(["schedule-sync", "verify-token"]);
  await scheduleSync(world.core, { tokenId });
  expect(await openRuns()).toEqual([{ mode: "DELTA", trigger: "SCHEDULE" }]);
});

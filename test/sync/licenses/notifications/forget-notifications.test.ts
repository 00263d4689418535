import { afterAll, beforeAll, expect, it } from "vitest";
import { forgetNotifications } from "../../../../src/sync/licenses/notifications/forget-notifications.js";
import { createNotificationWorld, type NotificationWorld } from "./notification-world.js";

let world: NotificationWorld;
beforeAll(async () => {
  world = await createNotificationWorld();
});
afterAll(() => world.stop());

it("forgets what was read more than a week ago, but neither what is unread nor a token's newest", async () => {
  const [busy, quiet] = [await world.token(), await world.token()];
  for (const id of ["old", "old-unread", "young"]) {
    await world.notify(busy, "TEST_NOTIFICATION", {}, { notificationId: id });
  }
  await world.notify(quiet, "TEST_NOTIFICATION", {}, { notificationId: "newest" });
  await world.core.dataSource.query(
    `UPDATE apple_notification SET read_at = CASE notification_id WHEN 'old-unread' THEN NULL ELSE now() END,
            received_at = received_at - CASE notification_id WHEN 'young' THEN interval '6 days' ELSE interval '8 days' END`,
  );
  await world.core.dataSource.transaction((tx) => forgetNotifications(tx, world.core));
  const kept = await world.read<{ notification_id: string }>(
    "SELECT notification_id FROM apple_notification ORDER BY id",
  );
  expect(kept.map(({ notification_id }) => notification_id)).toEqual(["old-unread", "young", "newest"]);
});

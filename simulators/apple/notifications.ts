import type { Location } from "./location.js";

const TIMEOUT_MS = 5000;

/** The notification types of service/config. Of these none is sent yet; only the test notification is (README). */
export const notificationTypes = ["ASSET_MANAGEMENT", "USER_MANAGEMENT", "USER_ASSOCIATED", "ASSET_COUNT"];

/** What client/config may subscribe to beyond those. */
export const otherNotificationTypes = [
  "TEST_NOTIFICATION",
  "SUBSCRIPTION_MANAGEMENT",
  "SUBSCRIPTION_COUNT",
  "UNLIMITED_ASSET",
];

/** Whether the receiver accepts a test notification: any 2xx within five seconds, redirects not followed. */
export async function acceptsTestNotification(location: Location, url: string, authToken: string): Promise<boolean> {
  const envelope = {
    notificationId: location.random.uuid(),
    notificationType: "TEST_NOTIFICATION",
    notification: {},
    uId: location.identity.uId,
  };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${authToken}`, "content-type": "application/json" },
      body: JSON.stringify(envelope),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

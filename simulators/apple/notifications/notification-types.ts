/** The notification types of service/config. */
export const notificationTypes = ["ASSET_MANAGEMENT", "USER_MANAGEMENT", "USER_ASSOCIATED", "ASSET_COUNT"] as const;

/** What client/config may subscribe to beyond those; of these only the test notification is ever sent. */
export const otherNotificationTypes = [
  "TEST_NOTIFICATION",
  "SUBSCRIPTION_MANAGEMENT",
  "SUBSCRIPTION_COUNT",
  "UNLIMITED_ASSET",
] as const;

import type { ClientConfig, Subscription } from "../apple/apple-client.js";
import type { Core } from "../core.js";

/** What Apple is to notify us of; it takes the list as the whole of our wishes. */
const NOTIFICATION_TYPES = ["ASSET_COUNT", "ASSET_MANAGEMENT", "USER_ASSOCIATED", "USER_MANAGEMENT"];

/** Where and of what Apple is to notify us; the claim is sent along by whoever subscribes. */
export type WantedSubscription = Omit<Subscription, "mdmInfo">;

/** What Apple sends as bearer with each notification of this token; made anew when needed, stored nowhere. */
export function notificationSecret(core: Core, tokenId: string): string {
  return core.secrets.derive(`apple-notifications:${tokenId}`);
}

/** What should stand at Apple; null without a PUBLIC_URL: then Apple is only asked. */
export function wantedSubscription(core: Core, tokenId: string): WantedSubscription | null {
  const { publicUrl } = core.policy;
  if (publicUrl === null) return null;
  return {
    notificationUrl: `${publicUrl}/apple/notifications/${tokenId}`,
    notificationAuthToken: notificationSecret(core, tokenId),
    notificationTypes: NOTIFICATION_TYPES,
  };
}

/** Whether Apple has what is wanted, by what its configuration echoes; types beyond ours do no harm. */
export function subscriptionStands(config: ClientConfig, wanted: WantedSubscription | null): boolean {
  if (wanted === null) return true;
  return (
    config.notificationUrl === wanted.notificationUrl &&
    config.notificationSecret === wanted.notificationAuthToken &&
    wanted.notificationTypes.every((type) => config.notificationTypes.includes(type))
  );
}

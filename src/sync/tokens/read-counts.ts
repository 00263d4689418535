import type { AppleAccess, AssetRow } from "../apple/apple-client.js";
import type { Core } from "../core.js";

export interface CountsRead {
  readonly asset: AssetRow;
  /** When the request was begun. */
  readonly requestedAt: Date;
}

/**
 * Reads one app's counts at Apple, by its id; null when Apple does not list it.
 * @throws AppleError when Apple cannot be asked.
 */
export async function readCounts(
  core: Core,
  access: AppleAccess,
  app: Pick<AssetRow, "adamId" | "pricingParam">,
  signal?: AbortSignal,
): Promise<CountsRead | null> {
  const { adamId, pricingParam } = app;
  const { assets, requestedAt } = await core.apple.assets(access, { adamId, pricingParam }, signal);
  const asset = assets.find((listed) => listed.adamId === adamId && listed.pricingParam === pricingParam);
  return asset ? { asset, requestedAt } : null;
}

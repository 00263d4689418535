import type { Asset } from "../asset.js";
import { readPage } from "../paging.js";
import { booleanValue, integerValue, oneOf, textValue } from "../query-values.js";
import type { ServiceRequest } from "../service-request.js";
import type { Switches } from "../switches.js";
import { arraySource } from "../view-cache.js";

/**
 * A page of assets. With `unlimited=true` the unlimited ones of the page stand in a list of their own, with `false` they
 * are left out, otherwise they are mixed in.
 */
export function readAssets({ world, location, query }: ServiceRequest): object {
  const accepts = assetFilter(query, world.switches);
  const unlimited = booleanValue(query, "unlimited");
  const chosen = location.assets.rows.filter((asset) => accepts(asset) && (unlimited !== false || !asset.unlimited));
  const pageIndex = integerValue(query, "pageIndex") ?? 0;
  const { rows, envelope } = readPage(arraySource(chosen), pageIndex, world.switches.pageSize);
  const apart = unlimited === true ? rows.filter((asset) => asset.unlimited) : [];
  return {
    assets: rows
      .filter((asset) => !apart.includes(asset))
      .map((asset) => location.distortions.apply(asset.key, shownAsset(asset, world.switches))),
    ...(unlimited === true ? { unlimitedAssets: apart.map(shownUnlimitedAsset) } : {}),
    ...envelope,
    versionId: location.assets.versions.current,
  };
}

function assetFilter(query: URLSearchParams, switches: Switches): (asset: Asset) => boolean {
  const adamId = textValue(query, "adamId");
  const productType = oneOf(query, "productType", ["App", "Book"]);
  const pricingParam = oneOf(query, "pricingParam", ["STDQ", "PLUS"]);
  const deviceAssignable = booleanValue(query, "deviceAssignable");
  const revocable = booleanValue(query, "revocable");
  const minAssigned = integerValue(query, "minAssignedCount") ?? Number.NEGATIVE_INFINITY;
  const maxAssigned = integerValue(query, "maxAssignedCount") ?? Number.POSITIVE_INFINITY;
  const minAvailable = integerValue(query, "minAvailableCount") ?? Number.NEGATIVE_INFINITY;
  const maxAvailable = integerValue(query, "maxAvailableCount") ?? Number.POSITIVE_INFINITY;
  return (asset) => {
    const available = shownAvailable(asset, switches);
    return (
      (adamId === undefined || asset.item.adamId === adamId) &&
      (productType === undefined || asset.item.productType === productType) &&
      (pricingParam === undefined || asset.pricingParam === pricingParam) &&
      (deviceAssignable === undefined || asset.item.deviceAssignable === deviceAssignable) &&
      (revocable === undefined || asset.item.revocable === revocable) &&
      minAssigned <= asset.counted.assignedCount &&
      asset.counted.assignedCount <= maxAssigned &&
      minAvailable <= available &&
      available <= maxAvailable
    );
  };
}

function shownAvailable({ counted }: Asset, { overdrawn }: Switches): number {
  return overdrawn === "zero" ? Math.max(0, counted.availableCount) : counted.availableCount;
}

function shownAsset(asset: Asset, switches: Switches): object {
  return {
    ...shownUnlimitedAsset(asset),
    totalCount: asset.counted.totalCount,
    availableCount: shownAvailable(asset, switches),
    retiredCount: asset.counted.retiredCount,
  };
}

function shownUnlimitedAsset(asset: Asset): object {
  return {
    adamId: asset.item.adamId,
    pricingParam: asset.pricingParam,
    productType: asset.item.productType,
    assignedCount: asset.counted.assignedCount,
    deviceAssignable: asset.item.deviceAssignable,
    revocable: asset.item.revocable,
    supportedPlatforms: asset.item.supportedPlatforms,
  };
}

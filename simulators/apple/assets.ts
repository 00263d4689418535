import { Asset, assetKey, type PricingParam } from "./asset.js";
import type { CatalogItem } from "./catalog.js";
import { VersionLog } from "./version-log.js";

/** All assets of a location, in the order they were bought. */
export class Assets {
  readonly rows: Asset[] = [];
  readonly versions: VersionLog<Asset>;
  readonly #byKey = new Map<string, Asset>();

  constructor(newId: () => string) {
    this.versions = new VersionLog(newId);
  }

  find(adamId: string, pricingParam: string): Asset | undefined {
    return this.#byKey.get(assetKey(adamId, pricingParam));
  }

  add(item: CatalogItem, pricingParam: PricingParam, totalCount: number): Asset {
    const asset = new Asset(this.rows.length, item, pricingParam, totalCount);
    this.rows.push(asset);
    this.#byKey.set(assetKey(item.adamId, pricingParam), asset);
    return asset;
  }
}

import { Asset, assetKey, type PricingParam } from "./asset.js";
import type { CatalogItem } from "./catalog.js";
import type { Switches } from "./switches.js";
import { VersionLog } from "./version-log.js";

/** All assets of a location, in the order they were bought. */
export class Assets {
  readonly rows: Asset[] = [];
  readonly versions: VersionLog<Asset>;
  readonly #byKey = new Map<string, Asset>();

  constructor(newId: () => string, switches: Switches) {
    this.versions = new VersionLog(newId, switches);
  }

  find(adamId: string, pricingParam: string): Asset | undefined {
    return this.#byKey.get(assetKey(adamId, pricingParam));
  }

  add(item: CatalogItem, pricingParam: PricingParam, totalCount: number): Asset {
    const asset = new Asset(item, pricingParam, totalCount);
    this.put(asset);
    return asset;
  }

  /** At the end of the list. */
  put(asset: Asset): void {
    this.rows.push(asset);
    this.#byKey.set(asset.key, asset);
  }

  remove(asset: Asset): void {
    this.rows.splice(this.rows.indexOf(asset), 1);
    this.#byKey.delete(asset.key);
  }
}

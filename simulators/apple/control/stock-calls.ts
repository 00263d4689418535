import { z } from "zod";
import { InputError } from "../../input-error.js";
import { type Asset, assetKey, UNLIMITED_COUNT } from "../asset.js";
import type { Location } from "../location.js";
import { controlCall } from "./control-call.js";
import { assetInput, locationInput, requireAsset, requireLocation } from "./inputs.js";

const stockInput = z.strictObject({
  ...assetInput,
  ...locationInput,
  count: z.int().min(1).max(100_000_000),
});

/** What changes how many licences a location owns: purchases, refunds, transfers. */
export const stockCalls = [
  controlCall({
    method: "POST",
    path: "/purchase",
    about: "Buys licenses; a new adamId becomes a new app of the store. PLUS exists for books only.",
    input: stockInput,
    run: (world, input) => {
      const location = requireLocation(world, input);
      const item = world.catalog.find(input.adamId);
      if (input.pricingParam === "PLUS" && item?.productType !== "Book") {
        throw new InputError("Only a book exists as PLUS.");
      }
      requireListed(location, assetKey(input.adamId, input.pricingParam));
      const total = location.assets.find(input.adamId, input.pricingParam)?.totalCount ?? 0;
      if (total + input.count >= UNLIMITED_COUNT) throw new InputError("That is more than a finite asset can count.");
      const asset = location.purchase(item ?? world.catalog.app(input.adamId), input.pricingParam, input.count);
      location.commit();
      location.announce.assetCount(asset, input.count);
      return shownCounts(asset);
    },
  }),
  controlCall({
    method: "POST",
    path: "/refund",
    about: "Takes licenses back, also assigned ones: the assignments stay.",
    input: stockInput,
    run: (world, input) => {
      const location = requireLocation(world, input);
      const asset = requireFiniteAsset(requireAsset(location, input));
      if (input.count > asset.totalCount) throw new InputError(`Only ${asset.totalCount} licenses are owned.`);
      location.refund(asset, input.count);
      location.commit();
      location.announce.assetCount(asset, -input.count);
      return shownCounts(asset);
    },
  }),
  controlCall({
    method: "POST",
    path: "/transfer",
    about: "Moves free licenses from one location to another, each named by uId or name.",
    input: z.strictObject({
      ...assetInput,
      count: z.int().min(1).max(100_000_000),
      from: z.string().min(1),
      to: z.string().min(1),
    }),
    run: (world, input) => {
      const from = requireLocation(world, { location: input.from });
      const to = requireLocation(world, { location: input.to });
      if (from === to) throw new InputError("A transfer needs two locations.");
      const given = requireFiniteAsset(requireAsset(from, input));
      const known = to.assets.find(input.adamId, input.pricingParam);
      if (known !== undefined) requireFiniteAsset(known);
      if (input.count > given.room) throw new InputError(`Only ${given.room} licenses are free.`);
      requireListed(to, given.key);
      from.refund(given, input.count);
      const taken = to.purchase(given.item, given.pricingParam, input.count);
      for (const location of [from, to]) location.commit();
      from.announce.assetCount(given, -input.count);
      to.announce.assetCount(taken, input.count);
      return { from: shownCounts(given), to: shownCounts(taken) };
    },
  }),
];

function requireListed(location: Location, key: string): void {
  if (location.isRemoved(key)) throw new InputError("It was removed; /restore-app brings it back.");
}

function requireFiniteAsset(asset: Asset): Asset {
  if (asset.unlimited) throw new InputError("An unlimited asset is neither refunded nor transferred.");
  return asset;
}

/** The four counts of an asset, as a call that changed them answers. */
export function shownCounts({ totalCount, assignedCount, availableCount, retiredCount }: Asset): object {
  return { totalCount, assignedCount, availableCount, retiredCount };
}

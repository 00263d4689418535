import { z } from "zod";
import { InputError } from "../../input-error.js";
import { type Asset, UNLIMITED_COUNT } from "../asset.js";
import { controlCall } from "./control-call.js";
import { assetInput, holderInput, locationInput, requireAsset, requireHolder, requireLocation } from "./inputs.js";

const count = z.int().min(1).max(100_000_000);

/** What changes a location's stock from outside the MDM: purchases, refunds, and other people's assignments. */
export const stockCalls = [
  controlCall({
    method: "POST",
    path: "/purchase",
    about: "Buys licenses; a new adamId becomes a new app of the store. PLUS exists for books only.",
    input: z.strictObject({ ...assetInput, ...locationInput, count }),
    run: (world, input) => {
      const location = requireLocation(world, input);
      const item = world.catalog.find(input.adamId);
      if (input.pricingParam === "PLUS" && item?.productType !== "Book") {
        throw new InputError("Only a book exists as PLUS.");
      }
      const total = location.assets.find(input.adamId, input.pricingParam)?.totalCount ?? 0;
      if (total + input.count >= UNLIMITED_COUNT) throw new InputError("That is more than a finite asset can count.");
      const asset = location.purchase(item ?? world.catalog.app(input.adamId), input.pricingParam, input.count);
      location.commit();
      return counts(asset);
    },
  }),
  controlCall({
    method: "POST",
    path: "/refund",
    about: "Takes licenses back, also assigned ones: the assignments stay.",
    input: z.strictObject({ ...assetInput, ...locationInput, count }),
    run: (world, input) => {
      const location = requireLocation(world, input);
      const asset = requireAsset(location, input);
      if (asset.unlimited) throw new InputError("An unlimited asset cannot be refunded.");
      if (input.count > asset.totalCount) throw new InputError(`Only ${asset.totalCount} licenses are owned.`);
      location.refund(asset, input.count);
      location.commit();
      return counts(asset);
    },
  }),
  controlCall({
    method: "POST",
    path: "/assign",
    about: "Assigns a license by hand, as another MDM or an admin would, at once.",
    input: z.strictObject({ ...assetInput, ...locationInput, ...holderInput }),
    run: (world, input) => {
      const location = requireLocation(world, input);
      const asset = requireAsset(location, input);
      const holder = requireHolder(location, input);
      if (holder.kind === "device" && !asset.item.deviceAssignable) throw new InputError("It is not for devices.");
      if (location.assignments.find(asset, holder) !== undefined) throw new InputError("It is assigned already.");
      if (asset.availableCount < 1) throw new InputError("No license is available.");
      location.assign(asset, holder);
      location.commit();
      return counts(asset);
    },
  }),
  controlCall({
    method: "POST",
    path: "/unassign",
    about: "Takes an assignment away by hand, as another MDM or an admin would, at once.",
    input: z.strictObject({ ...assetInput, ...locationInput, ...holderInput }),
    run: (world, input) => {
      const location = requireLocation(world, input);
      const asset = requireAsset(location, input);
      const assignment = location.assignments.find(asset, requireHolder(location, input));
      if (assignment === undefined) throw new InputError("It is not assigned.");
      if (!asset.item.revocable) throw new InputError("It cannot be revoked.");
      location.unassign(assignment);
      location.commit();
      return counts(asset);
    },
  }),
];

function counts({ totalCount, assignedCount, availableCount, retiredCount }: Asset): object {
  return { totalCount, assignedCount, availableCount, retiredCount };
}

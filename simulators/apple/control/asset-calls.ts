import { z } from "zod";
import { InputError } from "../../input-error.js";
import { assetKey } from "../asset.js";
import { controlCall } from "./control-call.js";
import { assetInput, locationInput, requireAsset, requireLocation } from "./inputs.js";
import { shownCounts } from "./stock-calls.js";

/** Assets that come and go, and assets that are shown as they cannot be. */
export const assetCalls = [
  controlCall({
    method: "POST",
    path: "/remove-app",
    about:
      "The app leaves the store and the list of assets, and its assignments theirs unless keepAssignments. No " +
      "notification tells of it. Writes take it for an asset that is not owned.",
    input: z.strictObject({ ...assetInput, ...locationInput, keepAssignments: z.boolean().default(false) }),
    run: (world, { keepAssignments, ...input }) => {
      const location = requireLocation(world, input);
      const asset = requireAsset(location, input);
      const removed = location.removeAsset(asset, keepAssignments);
      world.catalog.withdraw(asset.item.adamId);
      location.commit();
      return { removedAssignments: removed };
    },
  }),
  controlCall({
    method: "POST",
    path: "/restore-app",
    about: "A removed app is back, with its licenses and with the assignments that were removed with it.",
    input: z.strictObject({ ...assetInput, ...locationInput }),
    run: (world, input) => {
      const location = requireLocation(world, input);
      const asset = location.restoreAsset(assetKey(input.adamId, input.pricingParam));
      if (asset === undefined) throw new InputError(`${input.adamId} ${input.pricingParam} was not removed.`);
      world.catalog.offer(input.adamId);
      location.commit();
      return shownCounts(asset);
    },
  }),
  controlCall({
    method: "POST",
    path: "/distort",
    about:
      "Shows an asset in GET /assets with other fields than it has: set gives any value to any field, omit leaves fields " +
      "out; in the next reads, or until a call with neither. The assets' version moves.",
    input: z.strictObject({
      ...assetInput,
      ...locationInput,
      set: z.record(z.string(), z.json()).default({}),
      omit: z.array(z.string()).default([]),
      reads: z.int().min(1).max(1_000_000).optional(),
    }),
    run: (world, { set, omit, reads, ...input }) => {
      const location = requireLocation(world, input);
      const asset = requireAsset(location, input);
      if (Object.keys(set).length + omit.length === 0) location.distortions.clear(asset.key);
      else location.distortions.set(asset.key, { set, omit, reads });
      location.assets.versions.touch(asset);
      location.commit();
      return { set, omit, reads: reads ?? null };
    },
  }),
];

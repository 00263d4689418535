import { z } from "zod";
import { InputError } from "../../input-error.js";
import type { Asset } from "../asset.js";
import type { Assignment, Holder } from "../assignments.js";
import type { Location } from "../location.js";
import type { World } from "../world.js";
import { controlCall } from "./control-call.js";
import { assetInput, holdersInput, locationInput, requireAsset, requireHolders, requireLocation } from "./inputs.js";
import { shownCounts } from "./stock-calls.js";

const pairsInput = z.strictObject({ ...assetInput, ...locationInput, ...holdersInput });

interface NamedPairs {
  location: Location;
  asset: Asset;
  pairs: { holder: Holder; assignment: Assignment | undefined }[];
}

/** Other people's assignments: one or very many holders of one asset, at once. */
export const assignmentCalls = [
  controlCall({
    method: "POST",
    path: "/assign",
    about: "Assigns licenses by hand, as another MDM or an admin would, at once and all or none.",
    input: pairsInput,
    run: (world, input) => {
      const { location, asset, pairs } = readPairs(world, input);
      if (!asset.item.deviceAssignable && pairs.some(({ holder }) => holder.kind === "device")) {
        throw new InputError("It is not for devices.");
      }
      if (pairs.some(({ assignment }) => assignment !== undefined)) throw new InputError("It is assigned already.");
      if (asset.room < pairs.length) throw new InputError(`Only ${asset.room} licenses are available.`);
      const assigned = pairs.map(({ holder }) => location.assign(asset, holder));
      location.commit();
      location.announce.assignments("ASSOCIATE", assigned);
      return shownCounts(asset);
    },
  }),
  controlCall({
    method: "POST",
    path: "/unassign",
    about: "Takes assignments away by hand, as another MDM or an admin would, at once and all or none.",
    input: pairsInput,
    run: (world, input) => {
      const { location, asset, pairs } = readPairs(world, input);
      const assignments = pairs.flatMap(({ assignment }) => assignment ?? []);
      if (assignments.length < pairs.length) throw new InputError("It is not assigned.");
      if (!asset.item.revocable) throw new InputError("It cannot be revoked.");
      for (const assignment of assignments) location.unassign(assignment);
      location.commit();
      location.announce.assignments("DISASSOCIATE", assignments);
      return shownCounts(asset);
    },
  }),
];

function readPairs(world: World, input: z.output<typeof pairsInput>): NamedPairs {
  const location = requireLocation(world, input);
  const asset = requireAsset(location, input);
  const pairs = requireHolders(location, input).map((holder) => {
    return { holder, assignment: location.assignments.find(asset, holder) };
  });
  return { location, asset, pairs };
}

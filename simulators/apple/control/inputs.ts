import { z } from "zod";
import { InputError } from "../../input-error.js";
import type { Asset } from "../asset.js";
import type { Holder } from "../assignments.js";
import type { Location } from "../location.js";
import type { World } from "../world.js";

/** Names a location by its uId or its name; the first one if left out. */
export const locationInput = { location: z.string().min(1).optional() };

export const assetInput = {
  adamId: z.string().regex(/^[1-9]\d{0,14}$/, "must be 1 to 15 digits"),
  pricingParam: z.enum(["STDQ", "PLUS"]).default("STDQ"),
};

export const holderInput = {
  serialNumber: z.string().min(1).optional(),
  clientUserId: z.string().min(1).optional(),
};

/** @throws InputError if there is no such location. */
export function requireLocation(world: World, input: { location?: string | undefined }): Location {
  const wanted = input.location;
  const location =
    wanted === undefined
      ? world.locations[0]
      : world.locations.find(({ identity }) => identity.uId === wanted || identity.name === wanted);
  if (location === undefined) throw new InputError(`There is no location "${wanted}".`);
  return location;
}

/** @throws InputError if the location does not own it. */
export function requireAsset(location: Location, input: { adamId: string; pricingParam: string }): Asset {
  const asset = location.assets.find(input.adamId, input.pricingParam);
  if (asset === undefined) {
    throw new InputError(`${location.identity.name} does not own ${input.adamId} ${input.pricingParam}.`);
  }
  return asset;
}

/** @throws InputError unless exactly one holder is named, and an active user if it is a user. */
export function requireHolder(
  location: Location,
  { serialNumber, clientUserId }: { serialNumber?: string | undefined; clientUserId?: string | undefined },
): Holder {
  if ((serialNumber === undefined) === (clientUserId === undefined)) {
    throw new InputError("Name either a serialNumber or a clientUserId.");
  }
  if (serialNumber !== undefined) return location.assignments.device(serialNumber);
  const user = location.users.active(clientUserId ?? "");
  if (user === undefined) throw new InputError(`No active user has the clientUserId "${clientUserId}".`);
  return user;
}

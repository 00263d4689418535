import { z } from "zod";
import { InputError } from "../../input-error.js";
import type { Asset } from "../asset.js";
import type { Holder } from "../assignments.js";
import type { Location } from "../location.js";
import type { User } from "../users.js";
import type { World } from "../world.js";

/** Names a location by its uId or its name; the first one if left out. */
export const locationInput = { location: z.string().min(1).optional() };

export const assetInput = {
  adamId: z.string().regex(/^[1-9]\d{0,14}$/, "must be 1 to 15 digits"),
  pricingParam: z.enum(["STDQ", "PLUS"]).default("STDQ"),
};

/** One holder, or lists of them. */
export const holdersInput = {
  serialNumber: z.string().min(1).optional(),
  clientUserId: z.string().min(1).optional(),
  serialNumbers: z.array(z.string().min(1)).max(1_000_000).default([]),
  clientUserIds: z.array(z.string().min(1)).max(1_000_000).default([]),
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

/** @throws InputError unless a holder is named, each once, and every user is an active one. */
export function requireHolders(location: Location, input: z.output<z.ZodObject<typeof holdersInput>>): Holder[] {
  const serialNumbers = named(input.serialNumber, input.serialNumbers);
  const clientUserIds = named(input.clientUserId, input.clientUserIds);
  if (serialNumbers.length + clientUserIds.length === 0) {
    throw new InputError("Name a serialNumber, a clientUserId, or lists of either.");
  }
  return [
    ...clientUserIds.map((clientUserId) => requireUser(location, clientUserId)),
    ...serialNumbers.map((serialNumber) => location.assignments.device(serialNumber)),
  ];
}

/** @throws InputError if no active user has it. */
export function requireUser(location: Location, clientUserId: string): User {
  const user = location.users.active(clientUserId);
  if (user === undefined) throw new InputError(`No active user has the clientUserId "${clientUserId}".`);
  return user;
}

function named(one: string | undefined, several: string[]): string[] {
  const all = one === undefined ? several : [one, ...several];
  if (new Set(all).size < all.length) throw new InputError("A holder is named twice.");
  return all;
}

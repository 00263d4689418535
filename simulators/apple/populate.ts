import { InputError } from "../input-error.js";
import { type Asset, UNLIMITED_COUNT } from "./asset.js";
import type { CatalogItem, SpecialKind } from "./catalog.js";
import { idHashOf, type Location } from "./location.js";
import type { User } from "./users.js";
import type { World } from "./world.js";

/** How much a location owns from the start. */
export interface Stock {
  /** Number of assets; from 10 on the last four are special (README). */
  apps: number;
  /** The exact sum of the finite assets' totals. */
  licenses: number;
  /** Users registered before; four of five are Associated. */
  users: number;
  /** Assignments made before, to devices, and each fourth to a user as long as there are users. At most `licenses`. */
  assigned: number;
}

const MIN_APPS_FOR_SPECIALS = 10;
const finiteSpecials: SpecialKind[] = ["book", "notForDevices", "irrevocable"];

/**
 * Fills a new location, the same way for the same seed.
 * @throws InputError if more is to be assigned than the assets for devices hold.
 */
export function populate(world: World, location: Location, stock: Stock): void {
  const withSpecials = stock.apps >= MIN_APPS_FOR_SPECIALS;
  const plainCount = withSpecials ? stock.apps - finiteSpecials.length - 1 : stock.apps;
  const items: CatalogItem[] = Array.from({ length: plainCount }, (_, index) => world.catalog.plainApp(index));
  if (withSpecials) items.push(...finiteSpecials.map((kind) => world.catalog.special(kind)));

  const weights = items.map(() => 1 + location.random.integer(4));
  for (const [index, total] of shares(stock.licenses, weights).entries()) {
    location.assets.add(items[index] as CatalogItem, "STDQ", total);
  }
  const finite = [...location.assets.rows];
  if (withSpecials) location.assets.add(world.catalog.special("unlimited"), "STDQ", UNLIMITED_COUNT);

  const users = Array.from({ length: stock.users }, (_, index) => createUser(location, index));
  assignBefore(location, finite, users, stock.assigned);
}

/** The serial number of the device with that place, counted from 0, the same in every world. */
function serialNumberOf(index: number): string {
  return `SIM${(index + 1).toString(36).toUpperCase().padStart(9, "0")}`;
}

function createUser(location: Location, index: number): User {
  const inviteCode = location.random.bytes(16).toString("hex");
  const email = `user${index + 1}@${location.identity.domain}`;
  const user = location.users.add(location.random.uuid(), email, inviteCode);
  if (index % 5 !== 4) location.users.link(user, idHashOf(email));
  location.users.show(user);
  return user;
}

function assignBefore(location: Location, assets: Asset[], users: User[], assigned: number): void {
  const forDevices = assets.filter((asset) => asset.item.deviceAssignable);
  const room = forDevices.reduce((sum, asset) => sum + asset.totalCount, 0);
  if (assigned > room) {
    throw new InputError(
      `At most ${room} licenses can be assigned from the start, since the others are not for devices.`,
    );
  }
  const counts = shares(
    assigned,
    forDevices.map((asset) => asset.totalCount),
  );
  for (const [index, asset] of forDevices.entries()) {
    for (let place = 0; place < (counts[index] ?? 0); place += 1) {
      const user = place % 4 === 3 ? users[(place - 3) / 4] : undefined;
      const holder = user ?? location.assignments.device(serialNumberOf(place));
      location.assignments.list(location.assignments.add(asset, holder));
    }
    asset.count();
  }
}

/** Splits a whole number by weights; the parts add up to it exactly, and none exceeds its weight if the sum does not. */
function shares(whole: number, weights: number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let weightSoFar = 0;
  let givenSoFar = 0;
  return weights.map((weight) => {
    weightSoFar += weight;
    const upToHere = Number((BigInt(whole) * BigInt(weightSoFar)) / BigInt(Math.max(1, sum)));
    const share = upToHere - givenSoFar;
    givenSoFar = upToHere;
    return share;
  });
}

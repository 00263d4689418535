import { DEVICES_PER_USER, hasOwn, wishesFor } from "./needs.js";
import type { Seen } from "./seen.js";
import type { World } from "./world.js";

const OVER = new Set(["REMOVED", "CANCELLED", "SUPERSEDED"]);

/** A person's licence serves five devices and no sixth, and where more want the app, five have it. */
export function judgeLimits(world: World, seen: Seen): string[] {
  return [...overused(world, seen), ...underused(world, seen)];
}

function overused(world: World, { ours }: Seen): string[] {
  const served = new Map<string, Set<string>>();
  const personal = new Set(ours.licenses.filter(({ kind }) => kind === "USER").map(({ id }) => id));
  for (const { license, device, state } of ours.installations) {
    if (license === null || device === null || OVER.has(state) || !personal.has(license)) continue;
    if (world.devices.get(device)?.state !== "enrolled") continue;
    served.set(license, (served.get(license) ?? new Set()).add(device));
  }
  return [...served]
    .filter(([, devices]) => devices.size > DEVICES_PER_USER)
    .map(([license, devices]) => `${license} serves ${devices.size} devices`);
}

function underused(world: World, { apple: { licenses }, mdm }: Seen): string[] {
  return licenses.flatMap(({ app, kind, holder }) => {
    if (kind === "DEVICE") return [];
    const theirs = [...world.devices.keys()].filter((device) => world.owners.get(device)?.has(holder));
    // What was ever on another's device, or is not told the truth by one, may take a place of the five.
    if (theirs.some((device) => world.troubled.has(device) || world.owners.get(device)?.size !== 1)) return [];
    const wanting = theirs.filter(
      (device) => wishesFor(world, app, device).length > 0 && !hasOwn(licenses, app, device),
    );
    const have = wanting.filter((device) => mdm.installed.some((one) => one.app === app && one.device === device));
    if (wanting.length <= DEVICES_PER_USER || have.length >= DEVICES_PER_USER) return [];
    return [`${wanting.length} devices of ${holder} want ${app}, and ${have.length} have it`];
  });
}

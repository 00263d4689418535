import type { AppRef, Failure, PluginError } from "../contract.js";
import type { Site } from "./apply.js";
import { findForeignInstalls } from "./deployments.js";
import { deleteRules, readMemberIds, readRules, refresh } from "./members.js";
import { findOwnCollection, type Wish } from "./own-collections.js";
import type * as wire from "./wire.js";

/** Why a device does not enter a collection of ours, or not yet. */
export type Hindrance =
  | { readonly outcome: "failed"; readonly failure: Failure }
  | { readonly outcome: "deferred"; readonly until: Date; readonly reason: string };

type Hindered = Map<number, Hindrance>;

/** How soon it is worth asking again whether a collection has been evaluated. */
const EVALUATION_MS = 2_000;

/** The same, where the site had to be told once more. */
const TOLD_AGAIN_MS = 30_000;

/**
 * Takes devices out of the collection of the opposite wish, and finds those that cannot enter that of the wish. Because an
 * install beats an uninstall, a device enters the collection of removals only when no install holds it any more.
 */
export async function findHindered(
  site: Site,
  app: Pick<AppRef, "adamId">,
  application: wire.Application,
  wish: Wish,
  devices: readonly number[],
  signal: AbortSignal,
): Promise<Hindered> {
  const hindered: Hindered = new Map();
  const opposite = wish === "install" ? "uninstall" : "install";
  const collectionId = await findOwnCollection(site.service, app, opposite, site.settings, signal);
  const isTold = collectionId !== null && (await takeOut(site, collectionId, devices, hindered, signal));
  if (wish === "install") return hindered;
  await findForeign(site, application, collectionId, devices, hindered, signal);
  if (collectionId !== null) await findStaying(site, collectionId, isTold, devices, hindered, signal);
  return hindered;
}

export function rejected({ message }: PluginError): Hindrance {
  return { outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail: message } };
}

/** @returns whether the site has been told to work the members out anew, or is at it. */
async function takeOut(
  { service }: Site,
  collectionId: string,
  devices: readonly number[],
  hindered: Hindered,
  signal: AbortSignal,
): Promise<boolean> {
  const { rules, isAtWork } = await readRules(service, collectionId, signal);
  const leaving = devices.flatMap((device) => rules.get(device) ?? []);
  if (leaving.length === 0) return isAtWork;
  const refused = await deleteRules(service, collectionId, leaving, signal);
  for (const [device, error] of refused) hindered.set(device, rejected(error));
  await refresh(service, collectionId, signal);
  return true;
}

/** Devices that an install of somebody else's holds for good. */
async function findForeign(
  { service }: Site,
  application: wire.Application,
  ownCollectionId: string | null,
  devices: readonly number[],
  hindered: Hindered,
  signal: AbortSignal,
): Promise<void> {
  for (const foreign of await findForeignInstalls(service, ownCollectionId, application.ModelID, signal)) {
    if (foreign.TargetCollectionID === null) continue;
    const members = await readMemberIds(service, foreign.TargetCollectionID, signal);
    for (const device of devices) if (members.has(device)) hindered.set(device, beaten(foreign));
  }
}

function beaten({ AssignmentName, AssignmentID }: wire.Assignment): Hindrance {
  const detail = `The deployment "${AssignmentName ?? AssignmentID}" of the site requires the app on this device, and an install wins.`;
  const remedy = "End that deployment or take the device out of its collection in the console, then retry.";
  return { outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail, remedy } };
}

/**
 * Devices that our own install holds until its collection has been evaluated. Whoever took their rules away may have been
 * killed before the site was told to evaluate: it is told again then.
 */
async function findStaying(
  { service, now }: Site,
  collectionId: string,
  isTold: boolean,
  devices: readonly number[],
  hindered: Hindered,
  signal: AbortSignal,
): Promise<void> {
  const members = await readMemberIds(service, collectionId, signal);
  const staying = devices.filter((device) => members.has(device) && !hindered.has(device));
  if (staying.length > 0 && !isTold) await refresh(service, collectionId, signal);
  const until = new Date(now().getTime() + (isTold ? EVALUATION_MS : TOLD_AGAIN_MS));
  const reason = "The site has not evaluated yet that the device has left the collection of installs.";
  for (const device of staying) hindered.set(device, { outcome: "deferred", until, reason });
}

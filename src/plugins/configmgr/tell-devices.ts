import type { PluginError, Step, StepOutcome } from "../contract.js";
import { ensureApplication, findByModel } from "./applications.js";
import type { Site } from "./apply.js";
import {
  createDeployment,
  deleteDeployment,
  findDeployments,
  findForeignInstalls,
  isAsWished,
  readDetails,
} from "./deployments.js";
import { writeHandle } from "./handle.js";
import { findKnownDevices } from "./known-devices.js";
import { addRules, deleteRules, isFor, readMemberIds, readRules, refresh, ruleFor } from "./members.js";
import { ensureOwnCollection, findOwnCollection, type Wish } from "./own-collections.js";
import type * as wire from "./wire.js";

/** A Step whose device the site knows. */
interface Told {
  readonly step: Step;
  readonly resourceId: number;
}

/** How soon it is worth asking again whether a collection has been evaluated. */
const EVALUATION_MS = 2_000;

/** The same, where the site had to be told once more. */
const TOLD_AGAIN_MS = 30_000;

/**
 * Has Steps of one app and one action done: the devices go into the collection of ours for it, which is deployed to. Because
 * an install beats an uninstall, a device leaves the one collection before it enters the other, and waits for that.
 */
export async function tellDevices(site: Site, steps: readonly Step[], signal: AbortSignal): Promise<StepOutcome[]> {
  const { service, settings } = site;
  const [first] = steps;
  if (first === undefined) return [];
  const { app, action } = first;
  const wish: Wish = action === "remove" ? "uninstall" : "install";
  const { told, outcomes } = await findKnownDevices(service, steps, signal);
  if (told.length === 0) return outcomes;

  const known = app.applicationHandle === null ? null : await findByModel(service, app.applicationHandle, signal);
  const application = known ?? (await ensureApplication(service, app, signal));
  const opposite = await findOwnCollection(
    service,
    app,
    wish === "install" ? "uninstall" : "install",
    settings,
    signal,
  );
  const hindered = new Map<number, StepOutcome>();
  const isTold = opposite !== null && (await takeOut(site, opposite, told, signal));
  if (wish === "uninstall") {
    await findForeign(site, application, opposite, told, hindered, signal);
    if (opposite !== null) await findStaying(site, opposite, isTold, told, hindered, signal);
  }
  outcomes.push(...hindered.values());

  const ready = told.filter(({ resourceId }) => !hindered.has(resourceId));
  if (ready.length === 0) return outcomes;
  const collectionId = await ensureOwnCollection(service, app, wish, settings, signal);
  const refused = await deployTo(site, application, collectionId, wish, ready, signal);
  const handle = writeHandle({ wish, collectionId, modelId: application.ModelID });
  for (const { step, resourceId } of ready) {
    const refusal = refused.get(resourceId);
    outcomes.push(refusal ? refusedOutcome(step, refusal) : { key: step.key, outcome: "accepted", handle });
  }
  return outcomes;
}

/** @returns whether the site has been told to work the members out anew, or is at it. */
async function takeOut(
  { service }: Site,
  collectionId: string,
  told: readonly Told[],
  signal: AbortSignal,
): Promise<boolean> {
  const { rules, isAtWork } = await readRules(service, collectionId, signal);
  const leaving = told.flatMap(({ resourceId }) => rules.get(resourceId) ?? []);
  if (leaving.length === 0) return isAtWork;
  const refused = await deleteRules(service, collectionId, leaving, signal);
  const [refusal] = refused.values();
  if (refusal) throw refusal;
  await refresh(service, collectionId, signal);
  return true;
}

/** Devices that an install of somebody else's holds for good. */
async function findForeign(
  { service }: Site,
  application: wire.Application,
  installCollectionId: string | null,
  told: readonly Told[],
  hindered: Map<number, StepOutcome>,
  signal: AbortSignal,
): Promise<void> {
  for (const foreign of await findForeignInstalls(service, installCollectionId, application.ModelID, signal)) {
    if (foreign.TargetCollectionID === null) continue;
    const members = await readMemberIds(service, foreign.TargetCollectionID, signal);
    for (const { step, resourceId } of told) {
      if (members.has(resourceId)) hindered.set(resourceId, foreignOutcome(step, foreign));
    }
  }
}

/**
 * Devices that our own install holds until its collection has been evaluated. Whoever took their rules away may have been
 * killed before the site was told to evaluate: it is told again then.
 */
async function findStaying(
  { service, now }: Site,
  collectionId: string,
  isTold: boolean,
  told: readonly Told[],
  hindered: Map<number, StepOutcome>,
  signal: AbortSignal,
): Promise<void> {
  const still = await readMemberIds(service, collectionId, signal);
  const staying = told.filter(({ resourceId }) => still.has(resourceId) && !hindered.has(resourceId));
  if (staying.length > 0 && !isTold) await refresh(service, collectionId, signal);
  const until = new Date(now().getTime() + (isTold ? EVALUATION_MS : TOLD_AGAIN_MS));
  const reason = "The site has not evaluated yet that the device has left the collection of installs.";
  for (const { step, resourceId } of staying) {
    hindered.set(resourceId, { key: step.key, outcome: "deferred", until, reason });
  }
}

/**
 * Puts devices into the collection and sees to its deployment. A rule carries the key of its Step: one that is there for the
 * very same Step is left alone. Rows of an earlier Step would be taken for news of this one, so where a device has any, the
 * deployment is deleted first, and made anew. Rules that are there already, but not the members, tell of a call that was
 * killed between: the site is told to evaluate once more.
 */
async function deployTo(
  { service, now }: Site,
  application: wire.Application,
  collectionId: string,
  wish: Wish,
  told: readonly Told[],
  signal: AbortSignal,
): Promise<Map<number, PluginError>> {
  const { rules, isAtWork } = await readRules(service, collectionId, signal);
  const fresh = told.filter(({ step, resourceId }) => !isFor(rules.get(resourceId), step.key));
  const [present, ...surplus] = await findDeployments(service, collectionId, application.ModelID, signal);
  const isKept =
    present !== undefined && isAsWished(present, wish) && !(await hasRows(service, present, fresh, signal));
  for (const one of isKept || !present ? surplus : [present, ...surplus]) await deleteDeployment(service, one, signal);

  const replaced = fresh.flatMap(({ resourceId }) => rules.get(resourceId) ?? []);
  const refused = await deleteRules(service, collectionId, replaced, signal);
  const added = fresh.filter(({ resourceId }) => !refused.has(resourceId));
  const newRules = added.map(({ step, resourceId }) => ruleFor({ resourceId, key: step.key }));
  for (const [id, error] of await addRules(service, collectionId, newRules, signal)) refused.set(id, error);
  if (fresh.length > 0 || (!isAtWork && (await areMissing(service, collectionId, told, signal))))
    await refresh(service, collectionId, signal);
  if (!isKept) await createDeployment(service, application, collectionId, wish, now(), signal);
  return refused;
}

async function areMissing(
  service: Site["service"],
  collectionId: string,
  told: readonly Told[],
  signal: AbortSignal,
): Promise<boolean> {
  const members = await readMemberIds(service, collectionId, signal);
  return told.some(({ resourceId }) => !members.has(resourceId));
}

async function hasRows(
  service: Site["service"],
  deployment: wire.Assignment,
  fresh: readonly Told[],
  signal: AbortSignal,
): Promise<boolean> {
  if (fresh.length === 0) return false;
  const ids = new Set(fresh.map(({ resourceId }) => resourceId));
  return (await readDetails(service, deployment, signal)).some(({ MachineID }) => ids.has(MachineID));
}

function refusedOutcome({ key }: Step, { message }: PluginError): StepOutcome {
  return { key, outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail: message } };
}

function foreignOutcome({ key }: Step, { AssignmentName, AssignmentID }: wire.Assignment): StepOutcome {
  const detail = `The deployment "${AssignmentName ?? AssignmentID}" of the site requires the app on this device, and an install wins.`;
  const remedy = "End that deployment or take the device out of its collection in the console, then retry.";
  return { key, outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail, remedy } };
}

import type { Step, StepOutcome } from "../contract.js";
import { ensureApplication, findByModel } from "./applications.js";
import type { Site } from "./apply.js";
import { deployTo } from "./deploy-to.js";
import { writeHandle } from "./handle.js";
import { findHindered, rejected } from "./hindrances.js";
import { findKnownDevices } from "./known-devices.js";
import { ensureOwnCollection, type Wish } from "./own-collections.js";

/**
 * Has Steps of one app and one action done: the devices go into the collection of ours for it, which is deployed to. Several
 * Steps may be about one device, as several deployments of Allotment's are.
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
  const devices = [...new Set(told.map(({ resourceId }) => resourceId))];
  const hindered = await findHindered(site, app, application, wish, devices, signal);
  const ready = told.filter(({ resourceId }) => !hindered.has(resourceId));
  let handle = "";
  if (ready.length > 0) {
    const collectionId = await ensureOwnCollection(service, app, wish, settings, signal);
    const refused = await deployTo(site, application, collectionId, wish, ready, signal);
    for (const [resourceId, error] of refused) hindered.set(resourceId, rejected(error));
    handle = writeHandle({ wish, collectionId, modelId: application.ModelID });
  }
  for (const { step, resourceId } of told) {
    const hindrance = hindered.get(resourceId);
    outcomes.push({ key: step.key, ...(hindrance ?? { outcome: "accepted", handle }) });
  }
  return outcomes;
}

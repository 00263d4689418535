import type { Release } from "../contract.js";
import { findByModel } from "./applications.js";
import type { Site } from "./apply.js";
import { deleteDeployment, findDeployments } from "./deployments.js";
import { deleteRules, readRules, refresh } from "./members.js";
import { findOwnCollection, type Wish } from "./own-collections.js";

const WISHES: readonly Wish[] = ["install", "uninstall"];

/**
 * Ends the deployments of an app to the collections of ours, and takes the devices out of these. The collections stay, empty, and so
 * does the application: both are found again by their names.
 */
export async function release(
  { service, settings }: Site,
  { app }: Pick<Release, "app">,
  signal: AbortSignal,
): Promise<void> {
  const { applicationHandle } = app;
  const application = applicationHandle === null ? null : await findByModel(service, applicationHandle, signal);
  for (const wish of WISHES) {
    const collectionId = await findOwnCollection(service, app, wish, settings, signal);
    if (collectionId === null) continue;
    const deployments = application ? await findDeployments(service, collectionId, application.ModelID, signal) : [];
    for (const deployment of deployments) await deleteDeployment(service, deployment, signal);
    const { rules } = await readRules(service, collectionId, signal);
    if (rules.size === 0) continue;
    const [refusal] = (await deleteRules(service, collectionId, [...rules.values()], signal)).values();
    if (refusal) throw refusal;
    await refresh(service, collectionId, signal);
  }
}

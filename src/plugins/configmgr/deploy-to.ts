import type { PluginError } from "../contract.js";
import type { Site } from "./apply.js";
import { createDeployment, deleteDeployment, findDeployments, isAsWished, readDetails } from "./deployments.js";
import type { Told } from "./known-devices.js";
import { addRules, deleteRules, isFor, type Member, readMemberIds, readRules, refresh, ruleFor } from "./members.js";
import type { Wish } from "./own-collections.js";
import type * as wire from "./wire.js";

/**
 * Puts devices into the collection and sees to its deployment. A rule carries the key of its Step: one that is there for the
 * very same Step is left alone. Rows of an earlier Step would be taken for news of this one, so where a device has any, the
 * deployment is deleted first, and made anew. Rules that are there already, but not the members, tell of a call that was
 * killed between: the site is told to evaluate once more.
 * @returns the devices that the site refused, with its words.
 */
export async function deployTo(
  { service, now }: Site,
  application: wire.Application,
  collectionId: string,
  wish: Wish,
  told: readonly Told[],
  signal: AbortSignal,
): Promise<Map<number, PluginError>> {
  const { rules, isAtWork } = await readRules(service, collectionId, signal);
  const fresh = freshMembers(told, rules);
  const [present, ...surplus] = await findDeployments(service, collectionId, application.ModelID, signal);
  const isKept =
    present !== undefined && isAsWished(present, wish) && !(await hasRows(service, present, fresh, signal));
  for (const one of isKept || !present ? surplus : [present, ...surplus]) await deleteDeployment(service, one, signal);

  const replaced = fresh.flatMap(({ resourceId }) => rules.get(resourceId) ?? []);
  const refused = await deleteRules(service, collectionId, replaced, signal);
  const added = fresh.filter(({ resourceId }) => !refused.has(resourceId));
  for (const [id, error] of await addRules(service, collectionId, added.map(ruleFor), signal)) refused.set(id, error);
  if (fresh.length > 0 || (!isAtWork && (await areMissing(service, collectionId, told, signal))))
    await refresh(service, collectionId, signal);
  if (!isKept) await createDeployment(service, application, collectionId, wish, now(), signal);
  return refused;
}

/** The devices whose rule is for none of their Steps; one Step of each is what the new rule is for. */
function freshMembers(told: readonly Told[], rules: ReadonlyMap<number, wire.DirectRule>): Member[] {
  const known = new Set(
    told.flatMap(({ step, resourceId }) => (isFor(rules.get(resourceId), step.key) ? resourceId : [])),
  );
  const members = told.map(({ step, resourceId }): [number, Member] => [resourceId, { resourceId, key: step.key }]);
  return [...new Map(members).values()].filter(({ resourceId }) => !known.has(resourceId));
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
  fresh: readonly Member[],
  signal: AbortSignal,
): Promise<boolean> {
  if (fresh.length === 0) return false;
  const ids = new Set(fresh.map(({ resourceId }) => resourceId));
  return (await readDetails(service, deployment, signal)).some(({ MachineID }) => ids.has(MachineID));
}

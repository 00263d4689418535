import type { Failure } from "../contract.js";
import type { AppAt } from "./assignments.js";
import { isOwnGroup, ownGroupName, PURPOSES, type Purpose } from "./own-groups.js";
import { type Doable, intentOf, type Reach } from "./reach.js";
import { type Assignment, typeName } from "./wire.js";

/** A step with the id by which its device, or its device's user, can be a member of a group; null if there is none. */
export interface Single extends Doable {
  readonly member: string | null;
}

/** One of the groups of ours for the app: who is to be in it, and who is to leave it. */
interface Change {
  readonly purpose: Purpose;
  readonly name: string;
  readonly enter: Set<string>;
  readonly leave: Set<string>;
}

/**
 * Moves devices among the app's groups of our own, so that each is in the one it is to be in: a device that is addressed with
 * a whole group is in none, any other in the one for what is wanted of it.
 * @returns failures by the key of the step.
 */
export async function placeSingles(
  reach: Reach,
  app: AppAt,
  singles: readonly Single[],
  present: readonly Assignment[],
  signal: AbortSignal,
): Promise<Map<string, Failure>> {
  const failures = new Map<string, Failure>();
  const known = await reach.ownGroups.find(app.id, signal);
  const held = await requiredElsewhere(reach, singles, present, known, signal);
  const changes = changesOf(reach, app, singles, (single, failure) => failures.set(single.step.key, failure), held);
  const appName = singles[0]?.step.app.name ?? app.id;
  // Who leaves first is never in two groups of ours.
  for (const change of changes) await leave(reach, change, known.get(change.name), signal);
  for (const change of changes) await enter(reach, app, appName, change, present, signal);
  return failures;
}

function changesOf(
  { groupPrefix }: Reach,
  app: AppAt,
  singles: readonly Single[],
  fail: (single: Single, failure: Failure) => void,
  held: (single: Single) => Failure | null,
): Change[] {
  const changes = PURPOSES.map((purpose): Change => {
    return { purpose, name: ownGroupName(groupPrefix, app.id, purpose), enter: new Set(), leave: new Set() };
  });
  for (const single of singles) {
    const { step, member } = single;
    const isAlone = step.collection === null;
    const obstacle = isAlone ? (member === null ? UNREGISTERED : held(single)) : null;
    if (obstacle) fail(single, obstacle);
    if (obstacle || member === null) continue;
    for (const { purpose, enter, leave } of changes) {
      const isHere = isAlone && purpose.intent === intentOf(step) && purpose.licensing === step.licensing;
      (isHere ? enter : leave).add(member);
    }
  }
  return changes;
}

const UNREGISTERED: Failure = {
  code: "NOT_SUPPORTED",
  detail: "The device is not registered in the directory, so that no group can hold it.",
  remedy: "Have the device registered in Entra ID (sign in to Company Portal), or deploy to a group of its user.",
};

async function leave(
  { ownGroups }: Reach,
  { leave: leaving, enter: entering }: Change,
  groupId: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (groupId === undefined || leaving.size === 0) return;
  const members = await ownGroups.members(groupId, signal);
  await ownGroups.remove(
    groupId,
    [...leaving].filter((id) => members.has(id) && !entering.has(id)),
    signal,
  );
}

async function enter(
  { ownGroups, assignments, devices }: Reach,
  app: AppAt,
  appName: string,
  { purpose, enter: entering }: Change,
  present: readonly Assignment[],
  signal: AbortSignal,
): Promise<void> {
  if (entering.size === 0) return;
  const groupId = await ownGroups.ensure(app.id, appName, purpose, signal);
  const members = await ownGroups.members(groupId, signal);
  try {
    await ownGroups.add(
      groupId,
      [...entering].filter((id) => !members.has(id)),
      signal,
    );
  } catch (error) {
    devices.forget();
    throw error;
  }
  await assignments.ensure(app, { groupId, ...purpose }, present, signal);
}

/**
 * Intune lets "required" win over "uninstall". So a device that is to lose the app alone cannot while a group that is not
 * ours has it as required: that is said at once, instead of waiting for ever.
 */
async function requiredElsewhere(
  { ownGroups, groupPrefix }: Reach,
  singles: readonly Single[],
  present: readonly Assignment[],
  known: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<(single: Single) => Failure | null> {
  const removes = singles.some(({ step }) => step.action === "remove" && step.collection === null);
  const own = new Set([...known].filter(([name]) => isOwnGroup(groupPrefix, name)).map(([, id]) => id));
  const required = present.filter(({ intent, target }) => intent === "required" && !own.has(target.groupId ?? ""));
  if (!removes || required.length === 0) return () => null;
  const everywhere = required.some(({ target }) => target["@odata.type"] === typeName("allDevicesAssignmentTarget"));
  const groups = required.flatMap(({ target }) => target.groupId ?? []);
  const members = await Promise.all(groups.map((id) => ownGroups.allMembers(id, signal)));
  return ({ step, member, device }) => {
    if (step.action !== "remove") return null;
    const at = members.findIndex((ids) => [member, device.userId].some((id) => id !== null && ids.has(id)));
    if (at < 0 && !everywhere) return null;
    const who = everywhere ? "all devices" : `the group ${groups[at]}, which the device or its user is in`;
    return {
      code: "REJECTED_BY_TARGET",
      detail: `In Intune the app is required for ${who}, and that wins over its removal.`,
      remedy: "Take that assignment away in Intune, or the device out of the group.",
    };
  };
}

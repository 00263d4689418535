import { PluginError, type Release } from "../contract.js";
import { appsOf, readAppHandle } from "./handle.js";
import { groupIdOf } from "./list-collections.js";
import type { Reach } from "./reach.js";

/**
 * Takes the app away from a group that was addressed as a whole, or deletes the app's groups of our own with what is assigned to
 * them. A group of users and of devices is two collections and one group: it stays while the other one is addressed.
 */
export async function releaseApp(
  { assignments, ownGroups }: Pick<Reach, "assignments" | "ownGroups">,
  { app, collection, others }: Release,
  signal: AbortSignal,
): Promise<void> {
  const handle = readAppHandle(app);
  if (!handle) throw new PluginError("internal", `The app "${app.name}" has no handle that this plugin made.`);
  const groupId = collection === null ? null : groupIdOf(collection.externalId);
  if (others.some(({ externalId }) => groupIdOf(externalId) === groupId)) return;
  for (const at of appsOf(handle)) {
    const groups = groupId === null ? [...(await ownGroups.find(at.id, signal)).values()] : [groupId];
    if (groups.length > 0) await assignments.end(at, new Set(groups), signal);
    if (groupId === null) for (const group of groups) await ownGroups.end(group, signal);
  }
}

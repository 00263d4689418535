import type { DirectoryDevice, Group, ManagedDevice, User } from "./model.js";
import type { World } from "./world.js";

export type DirectoryObject =
  | { readonly kind: "user"; readonly user: User }
  | { readonly kind: "device"; readonly device: DirectoryDevice }
  | { readonly kind: "group"; readonly group: Group };

/** What has this id in the directory. */
export function directoryObject({ users, directoryDevices, groups }: World, id: string): DirectoryObject | undefined {
  const user = users.get(id);
  if (user) return { kind: "user", user };
  const device = directoryDevices.get(id);
  if (device) return { kind: "device", device };
  const group = groups.get(id);
  return group && { kind: "group", group };
}

/** Ids of all members of a group, those of nested groups too, the nested groups themselves included. */
export function transitiveMembers(world: World, group: Group): Set<string> {
  const found = new Set<string>();
  const open = [group];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const id of next.members) {
      if (found.has(id)) continue;
      found.add(id);
      const nested = world.groups.get(id);
      if (nested) open.push(nested);
    }
  }
  return found;
}

/** Ids by which a group may reach a managed device: its own object in the directory, and its user. */
export function membershipIds(world: World, device: ManagedDevice): string[] {
  const own = directoryIdOf(world, device);
  return [own, device.userId].filter((id) => id !== "");
}

/** Empty for a device that the directory does not know. */
export function directoryIdOf({ directoryIds }: World, { azureADDeviceId }: ManagedDevice): string {
  return directoryIds.get(azureADDeviceId) ?? "";
}

/** Looks each group's members up once, for as long as nothing changes. */
export function memberLookup(world: World): (groupId: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (groupId) => {
    const group = world.groups.get(groupId);
    const members = known.get(groupId) ?? (group ? transitiveMembers(world, group) : new Set<string>());
    known.set(groupId, members);
    return members;
  };
}

import type { Group } from "../model.js";
import { directoryNotFound, GraphError } from "../protocol/graph-error.js";
import type { World } from "../world.js";

export function groupRow(group: Group): Record<string, unknown> {
  const { members: _, uniqueName, ...shown } = group;
  return { ...shown, uniqueName };
}

export function requireGroup(world: World, id: string): Group {
  const group = world.groups.get(id);
  if (!group) throw directoryNotFound(id);
  return group;
}

export function addToGroup(world: World, group: Group, member: string): void {
  group.members.add(member);
  world.delta.add(group.id, "added", member);
  world.changed();
}

export function alreadyMember(): GraphError {
  return new GraphError(
    400,
    "Request_BadRequest",
    "One or more added object references already exist for the following modified properties: 'members'.",
  );
}

import { z } from "zod";
import { InputError } from "../../input-error.js";
import { directoryIdOf, directoryObject } from "../directory.js";
import { addGroup } from "../populate.js";
import type { World } from "../world.js";
import { controlCall } from "./control-call.js";
import { groupInput, requireGroup } from "./inputs.js";

const memberInput = z.array(z.string().min(1)).default([]);

/** What others do to groups. */
export const groupCalls = [
  controlCall({
    method: "POST",
    path: "/create-group",
    about:
      "Somebody makes a group. Members are named by directory id, by the user's sign-in name, or by a device's serial " +
      "number; a rule makes it a dynamic one.",
    input: z.strictObject({ name: z.string().min(1), members: memberInput, membershipRule: z.string().optional() }),
    run: (world, { name, members, membershipRule }) => {
      const group = addGroup(
        world,
        name,
        members.map((member) => memberId(world, member)),
      );
      if (membershipRule !== undefined) {
        group.groupTypes.push("DynamicMembership");
        group.membershipRule = membershipRule;
      }
      world.delta.add(group.id, "group");
      world.changed();
      return { id: group.id };
    },
  }),
  controlCall({
    method: "POST",
    path: "/change-members",
    about: "Somebody adds and removes members of a group.",
    input: z.strictObject({ ...groupInput, add: memberInput, remove: memberInput }),
    run: (world, { add, remove, ...input }) => {
      const group = requireGroup(world, input);
      const [added, removed] = [add, remove].map((list) => list.map((member) => memberId(world, member)));
      for (const id of added ?? []) {
        group.members.add(id);
        world.delta.add(group.id, "added", id);
      }
      for (const id of removed ?? []) {
        group.members.delete(id);
        world.delta.add(group.id, "removed", id);
      }
      world.changed();
      return { members: [...group.members] };
    },
  }),
  controlCall({
    method: "POST",
    path: "/expire-deltas",
    about: "Every delta link given so far is answered 410.",
    input: z.strictObject({}),
    run: (world) => {
      world.delta.oldestValid = world.delta.changes.length + 1;
      world.delta.add("", "deleted");
      return { oldestValid: world.delta.oldestValid };
    },
  }),
];

function memberId(world: World, member: string): string {
  if (directoryObject(world, member)) return member;
  const user = [...world.users.values()].find(({ userPrincipalName }) => userPrincipalName === member);
  if (user) return user.id;
  const device = [...world.devices.values()].find(({ id, serialNumber }) => [id, serialNumber].includes(member));
  const id = device && directoryIdOf(world, device);
  if (!id) throw new InputError(`Nothing in the directory is named "${member}".`);
  return id;
}

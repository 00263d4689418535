import { directoryObject, transitiveMembers } from "../directory.js";
import { type Answer, noContent } from "../protocol/answer.js";
import { badRequest, directoryNotFound } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import { listAnswer } from "../protocol/list-answer.js";
import type { World } from "../world.js";
import { addToGroup, alreadyMember, groupRow, requireGroup } from "./stored-group.js";
import { userRow } from "./users.js";

export function listMembers(request: GraphRequest): Answer {
  const {
    world,
    parts: [id = "", kind],
  } = request;
  return listAnswer(request, objectRows(world, requireGroup(world, id).members, kind));
}

/** A cast of this list is an advanced query of the directory, which needs a header and a count. */
export function listTransitiveMembers(request: GraphRequest): Answer {
  const {
    world,
    parts: [id = "", kind],
    headers,
    query,
  } = request;
  if (kind !== undefined && (headers.consistencylevel !== "eventual" || query.get("$count") !== "true")) {
    throw badRequest("OData cast of transitiveMembers needs $count=true and the header ConsistencyLevel: eventual.");
  }
  return listAnswer(request, objectRows(world, transitiveMembers(world, requireGroup(world, id)), kind));
}

export function addMember({ world, parts: [id = ""], body }: GraphRequest): Answer {
  const group = requireGroup(world, id);
  const reference = (body as { "@odata.id"?: unknown } | null | undefined)?.["@odata.id"];
  const member =
    String(reference ?? "")
      .split("/")
      .at(-1) ?? "";
  if (!directoryObject(world, member)) throw directoryNotFound(member);
  if (group.members.has(member)) throw alreadyMember();
  addToGroup(world, group, member);
  return noContent();
}

export function removeMember({ world, parts: [id = "", member = ""] }: GraphRequest): Answer {
  const group = requireGroup(world, id);
  if (!group.members.delete(member)) throw directoryNotFound(member);
  world.delta.add(group.id, "removed", member);
  world.changed();
  return noContent();
}

function objectRows(world: World, ids: Iterable<string>, kind: string | undefined): Record<string, unknown>[] {
  return [...ids].flatMap((id) => {
    const found = directoryObject(world, id);
    if (!found || (kind !== undefined && kind !== found.kind)) return [];
    const type = { "@odata.type": `#microsoft.graph.${found.kind}` };
    if (found.kind === "user") return { ...type, ...userRow(found.user) };
    return found.kind === "device" ? { ...type, ...found.device } : { ...type, ...groupRow(found.group) };
  });
}

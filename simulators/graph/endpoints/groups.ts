import { directoryObject } from "../directory.js";
import type { Group } from "../model.js";
import { type Answer, json, noContent } from "../protocol/answer.js";
import { badRequest, directoryNotFound, GraphError } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import { listAnswer, selected } from "../protocol/list-answer.js";
import type { World } from "../world.js";
import { addToGroup, alreadyMember, groupRow, requireGroup } from "./stored-group.js";

const BIND = "members@odata.bind";
/** How many members one PATCH adds at most. */
const BIND_MAX = 20;

/** `uniqueName` is shown only where `$select` asks for it. */
function shownGroup(group: Group, select: string | null): Record<string, unknown> {
  const { uniqueName: _, ...shown } = groupRow(group);
  return select === null ? shown : selected(groupRow(group), select);
}

export function listGroups(request: GraphRequest): Answer {
  return listAnswer(request, [...request.world.groups.values()].map(groupRow));
}

export function getGroup({ world, parts: [id = ""], query }: GraphRequest): Answer {
  return json(shownGroup(requireGroup(world, id), query.get("$select")));
}

export function getNamedGroup({ world, parts: [name = ""], query }: GraphRequest): Answer {
  const group = named(world, name);
  if (!group) throw directoryNotFound(name);
  return json(shownGroup(group, query.get("$select")));
}

/** Without the header it only updates. */
export function upsertGroup(request: GraphRequest): Answer {
  const {
    world,
    parts: [name = ""],
    headers,
  } = request;
  const group = named(world, name);
  if (group) {
    changeGroup(request, group);
    return noContent();
  }
  if (!/\bcreate-if-missing\b/i.test(headers.prefer ?? "")) throw directoryNotFound(name);
  return json(shownGroup(makeGroup(request, name), null), 201);
}

export function createGroup(request: GraphRequest): Answer {
  const { uniqueName } = bodyOf(request);
  if (typeof uniqueName === "string" && named(request.world, uniqueName)) {
    throw new GraphError(
      400,
      "Request_BadRequest",
      "Another object with the same value for property uniqueName already exists.",
    );
  }
  return json(shownGroup(makeGroup(request, typeof uniqueName === "string" ? uniqueName : null), null), 201);
}

export function updateGroup(request: GraphRequest): Answer {
  changeGroup(request, requireGroup(request.world, request.parts[0] ?? ""));
  return noContent();
}

export function deleteGroup({ world, parts: [id = ""] }: GraphRequest): Answer {
  requireGroup(world, id);
  world.groups.delete(id);
  for (const group of world.groups.values()) group.members.delete(id);
  world.delta.add(id, "deleted");
  world.changed();
  return noContent();
}

function makeGroup(request: GraphRequest, uniqueName: string | null): Group {
  const { world } = request;
  const body = bodyOf(request);
  for (const name of ["displayName", "mailNickname"]) {
    if (typeof body[name] !== "string" || body[name] === "") {
      throw new GraphError(
        400,
        "Request_BadRequest",
        `A value is required for property '${name}' of resource 'Group'.`,
      );
    }
  }
  if (String(body.mailNickname).length > 64 || /[@()\\[\]";:<>, ]/.test(String(body.mailNickname))) {
    throw new GraphError(
      400,
      "Request_BadRequest",
      "Invalid value specified for property 'mailNickname' of resource 'Group'.",
    );
  }
  const group: Group = {
    id: world.random.uuid(),
    displayName: String(body.displayName),
    description: typeof body.description === "string" ? body.description : null,
    mailNickname: String(body.mailNickname),
    uniqueName,
    securityEnabled: body.securityEnabled === true,
    mailEnabled: body.mailEnabled === true,
    groupTypes: [],
    membershipRule: null,
    members: new Set(),
  };
  const bound = boundIds(body);
  for (const id of bound) if (!directoryObject(world, id)) throw directoryNotFound(id);
  world.groups.set(group.id, group);
  world.delta.add(group.id, "group");
  for (const id of bound) addToGroup(world, group, id);
  return group;
}

function changeGroup(request: GraphRequest, group: Group): void {
  const { world } = request;
  const body = bodyOf(request);
  const bound = boundIds(body);
  for (const id of bound) {
    if (!directoryObject(world, id)) throw directoryNotFound(id);
    if (group.members.has(id)) throw alreadyMember();
  }
  if (typeof body.displayName === "string") group.displayName = body.displayName;
  if (typeof body.description === "string") group.description = body.description;
  world.delta.add(group.id, "group");
  for (const id of bound) addToGroup(world, group, id);
}

function boundIds(body: Record<string, unknown>): string[] {
  const links = body[BIND] ?? [];
  if (!Array.isArray(links) || links.length > BIND_MAX) {
    throw new GraphError(400, "Request_BadRequest", `At most ${BIND_MAX} references can be bound at once.`);
  }
  return links.map((link) => String(link).split("/").at(-1) ?? "");
}

function named({ groups }: World, name: string): Group | undefined {
  return [...groups.values()].find(({ uniqueName }) => uniqueName === name);
}

function bodyOf({ body }: GraphRequest): Record<string, unknown> {
  if (typeof body !== "object" || body === null) throw badRequest("The body must be a JSON object.");
  return body as Record<string, unknown>;
}

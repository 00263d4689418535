import { directoryObject } from "../directory.js";
import { type Answer, json } from "../protocol/answer.js";
import { badRequest, GraphError } from "../protocol/graph-error.js";
import type { GraphRequest } from "../protocol/graph-request.js";
import type { World } from "../world.js";

interface Position {
  /** Where among all groups the first full reading stands; null once it is over. */
  readonly group: number | null;
  /** Where among the changes. */
  readonly change: number;
}

/**
 * `/groups/delta`: everything first, page by page, then what has changed since. The same group may come more than once;
 * members come as `members@delta`, what is gone with `@removed`.
 */
export function groupDelta(request: GraphRequest): Answer {
  const { world, query } = request;
  for (const option of ["$expand", "$top", "$orderby"]) {
    if (query.has(option)) throw badRequest(`The query option '${option}' is not supported with delta.`);
  }
  if (query.get("$deltatoken")?.toLowerCase() === "latest") {
    return json({
      "@odata.deltaLink": link(request, "$deltatoken", { group: null, change: world.delta.changes.length }),
      value: [],
    });
  }
  const position = positionOf(request);
  return position.group === null
    ? changesSince(request, position.change)
    : firstReading(request, position.group, position.change);
}

function positionOf({ world, query }: GraphRequest): Position {
  const token = query.get("$skiptoken") ?? query.get("$deltatoken");
  if (token === null) return { group: 0, change: world.delta.changes.length };
  const match = /^(\d*):(\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  if (!match) throw badRequest("The delta token is invalid.");
  const change = Number(match[2]);
  if (change < world.delta.oldestValid) {
    throw new GraphError(410, "syncStateNotFound", "The sync state is gone: begin again without a token.");
  }
  return { group: match[1] === "" ? null : Number(match[1]), change };
}

function firstReading(request: GraphRequest, start: number, change: number): Answer {
  const { world } = request;
  const end = start + world.switches.pageSize;
  const groups = [...world.groups.values()];
  const value = groups.slice(start, end).map((group) =>
    groupWith(
      world,
      group.id,
      [...group.members].map((id) => ({ id, gone: false })),
    ),
  );
  return end < groups.length
    ? json({ "@odata.nextLink": link(request, "$skiptoken", { group: end, change }), value })
    : json({ "@odata.deltaLink": link(request, "$deltatoken", { group: null, change }), value });
}

function changesSince(request: GraphRequest, start: number): Answer {
  const { world } = request;
  const end = Math.min(start + world.switches.pageSize, world.delta.changes.length);
  const value = world.delta.changes.slice(start, end).map(({ groupId, what, memberId }) => {
    if (what === "deleted") return { id: groupId, "@removed": { reason: "changed" } };
    return groupWith(world, groupId, memberId === null ? [] : [{ id: memberId, gone: what === "removed" }]);
  });
  const isLast = end >= world.delta.changes.length;
  const where = { group: null, change: end };
  return json({
    [isLast ? "@odata.deltaLink" : "@odata.nextLink"]: link(request, isLast ? "$deltatoken" : "$skiptoken", where),
    value,
  });
}

function groupWith(world: World, id: string, members: readonly { id: string; gone: boolean }[]): object {
  const group = world.groups.get(id);
  const delta = members.map((member) => ({
    "@odata.type": `#microsoft.graph.${directoryObject(world, member.id)?.kind ?? "directoryObject"}`,
    id: member.id,
    ...(member.gone ? { "@removed": { reason: "deleted" } } : {}),
  }));
  return {
    id,
    ...(group ? { displayName: group.displayName } : {}),
    ...(delta.length === 0 ? {} : { "members@delta": delta }),
  };
}

function link({ origin, version }: GraphRequest, name: string, { group, change }: Position): string {
  const url = new URL(`${origin}/${version}/groups/delta`);
  url.searchParams.set(name, Buffer.from(`${group ?? ""}:${change}`).toString("base64url"));
  return url.href;
}

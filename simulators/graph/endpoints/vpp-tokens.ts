import type { VppToken } from "../model.js";
import { type Answer, json } from "../protocol/answer.js";
import { GraphError, notFound } from "../protocol/graph-error.js";
import type { GraphRequest, Version } from "../protocol/graph-request.js";
import { listAnswer, selected } from "../protocol/list-answer.js";
import type { World } from "../world.js";

export function listVppTokens(request: GraphRequest): Answer {
  return listAnswer(
    request,
    [...request.world.tokens.values()].map((token) => row(token, request.version)),
  );
}

export function getVppToken({ world, version, parts: [id = ""], query }: GraphRequest): Answer {
  return json(selected(row(requireToken(world, id), version), query.get("$select")));
}

/** Begins a synchronisation; one that is under way is refused. */
export function syncLicenses({ world, version, parts: [id = ""] }: GraphRequest): Answer {
  const token = requireToken(world, id);
  if (token.lastSyncStatus === "inProgress")
    throw new GraphError(409, "Conflict", "A synchronization is already in progress.");
  token.lastSyncStatus = "inProgress";
  world.after(world.switches.syncMs, () => finishSync(world, token));
  return json(row(token, version));
}

function finishSync(world: World, token: VppToken): void {
  token.lastSyncDateTime = new Date().toISOString();
  if (token.failsNextSync) {
    token.failsNextSync = false;
    token.lastSyncStatus = "failed";
    return;
  }
  token.lastSyncStatus = "completed";
  for (const app of world.apps.values()) {
    if (app.tokenId === token.id) app.shown = { total: app.total, used: app.licenses.size };
  }
}

function requireToken(world: World, id: string): VppToken {
  const token = world.tokens.get(id);
  if (!token) throw notFound(`The VPP token '${id}'`);
  return token;
}

/** The secret is never shown. v1.0 has neither the names nor the state of a duplicate. */
function row(token: VppToken, version: Version): Record<string, unknown> {
  const { failsNextSync: _, displayName, locationName, state, ...shown } = token;
  const common = { ...shown, lastModifiedDateTime: token.lastSyncDateTime, automaticallyUpdateApps: true, token: null };
  if (version === "beta") {
    return {
      ...common,
      state,
      displayName,
      locationName,
      claimTokenManagementFromExternalMdm: false,
      roleScopeTagIds: ["0"],
      tokenActionResults: [],
    };
  }
  return { ...common, state: state === "duplicateLocationId" ? "unknown" : state };
}

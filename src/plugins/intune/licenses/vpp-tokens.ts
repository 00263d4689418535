import type { TargetToken } from "../../contract.js";
import type { Graph } from "../graph.js";
import { type VppToken, vppTokenShape } from "../wire.js";

const STATES: Readonly<Record<string, TargetToken["state"]>> = {
  expired: "expired",
  invalid: "invalid",
  assignedToExternalMDM: "claimed-elsewhere",
};

/** The content tokens that the tenant holds. */
export function readVppTokens(graph: Graph, api: string, signal: AbortSignal): Promise<VppToken[]> {
  return graph.list("read the VPP tokens", vppTokenShape, `/${api}/deviceAppManagement/vppTokens`, signal);
}

/** With a duplicate of the location at Intune licences can still be assigned; `check` tells of it. */
export function targetToken(token: VppToken): TargetToken {
  return {
    externalId: token.id,
    name: tokenName(token),
    organization: token.organizationName,
    locationId: null,
    locationName: token.locationName,
    country: token.countryOrRegion,
    expiresAt: token.expirationDateTime,
    state: STATES[token.state ?? ""] ?? "valid",
  };
}

/** v1.0 has no names. */
export function tokenName({ displayName, organizationName, appleId, id }: VppToken): string {
  return displayName ?? ([organizationName, appleId].filter((part) => part !== null).join(", ") || id);
}

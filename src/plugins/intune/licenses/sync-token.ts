import { PluginError, type PluginTools } from "../../contract.js";
import { isOk } from "../failure.js";
import type { Graph } from "../graph.js";
import { type VppToken, vppTokenShape } from "../wire.js";

/** What was asked for is waited for so long, then it is asked for again. */
const PATIENCE_MS = 5 * 60_000;

interface Asked {
  /** When Intune had last read before. */
  readonly before: string | null;
  readonly until: number;
}

/** Has Intune read a token's licenses from Apple. */
export type SyncToken = (tokenId: string, signal: AbortSignal) => Promise<{ readonly finished: boolean }>;

/** Which reading we asked for is remembered; where that is lost one more is asked for, which does no harm. */
export function createSyncToken(graph: Graph, api: string, { now, log }: PluginTools): SyncToken {
  const asked = new Map<string, Asked>();
  return async (tokenId, signal) => {
    const place = `/${api}/deviceAppManagement/vppTokens/${encodeURIComponent(tokenId)}`;
    const token = await graph.need("read the VPP token", vppTokenShape, { method: "GET", place }, signal);
    const wish = asked.get(tokenId);
    if (token.lastSyncStatus === "inProgress") {
      asked.set(tokenId, wish ?? { before: token.lastSyncDateTime, until: now().getTime() + PATIENCE_MS });
      return { finished: false };
    }
    if (wish && token.lastSyncDateTime !== wish.before) {
      asked.delete(tokenId);
      return { finished: requireSuccess(token) };
    }
    if (wish && wish.until > now().getTime()) return { finished: false };
    asked.set(tokenId, { before: token.lastSyncDateTime, until: now().getTime() + PATIENCE_MS });
    const answer = await graph.call({ method: "POST", place: `${place}/syncLicenses` }, signal);
    // Begun by somebody else at this moment.
    if (isOk(answer) || answer.status === 409) return { finished: false };
    asked.delete(tokenId);
    if (answer.status !== 403) throw graph.failure(answer, "read the licenses from Apple");
    log("Intune may not be asked to read licenses from Apple: what it read by itself is taken", { token: tokenId });
    return { finished: true };
  };
}

function requireSuccess({ lastSyncStatus }: VppToken): boolean {
  if (lastSyncStatus !== "failed") return true;
  throw new PluginError("transient", "Intune could not read the licenses from Apple. Its VPP token page says why.");
}

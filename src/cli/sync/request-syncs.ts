import { type Api, ApiError } from "../api/connect-api.js";
import type { ListedToken } from "../api/find-tokens.js";
import { EXIT } from "../exit-codes.js";
import { progressBar } from "../progress-bar.js";
import type { SyncOutcome } from "./sync-outcome.js";

/** A synchronisation to be followed. */
export interface RequestedRun {
  readonly id: string;
  readonly token: string;
}

export interface RequestedSyncs {
  readonly runs: readonly RequestedRun[];
  /** Of tokens that the service does not synchronise, each with the reason. */
  readonly refused: readonly SyncOutcome[];
}

const SYNC = "mutation ($token: ID!) { syncToken(input: { token: $token }) { syncRun { id } } }";

/** Asks for one a token. A token that is refused does not keep the others from theirs. */
export async function requestSyncs(api: Api, tokens: readonly ListedToken[]): Promise<RequestedSyncs> {
  const runs: RequestedRun[] = [];
  const refused: SyncOutcome[] = [];
  const bar = progressBar("Asking", "tokens");
  try {
    for (const { id, name } of tokens) {
      const run = await request(api, id);
      if (typeof run === "string") runs.push({ id: run, token: name });
      else refused.push(refusal(name, run));
      bar.update(runs.length + refused.length, tokens.length);
    }
  } finally {
    bar.stop();
  }
  return { runs, refused };
}

/** The run's id, or why there is none. */
async function request(api: Api, token: string): Promise<string | ApiError> {
  try {
    return (await api.ask<{ syncToken: { syncRun: { id: string } } }>(SYNC, { token })).syncToken.syncRun.id;
  } catch (error) {
    if (error instanceof ApiError && error.exitCode !== EXIT.UNREACHABLE) return error;
    throw error;
  }
}

function refusal(token: string, { message }: ApiError): SyncOutcome {
  const nothing = { pagesRead: 0, rowsAdded: 0, rowsChanged: 0, rowsEnded: 0 };
  return { token, state: "REFUSED", ...nothing, warnings: [], error: message };
}

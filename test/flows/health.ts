import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";

export interface HealthSeen {
  readonly state: string;
  readonly cause: string | null;
  readonly evidence: string | null;
  readonly remedy: string | null;
}

export async function healthOf(api: ApiClient, token: string): Promise<HealthSeen> {
  const query = "query ($token: ID!) { token(id: $token) { health { state cause evidence remedy } } }";
  return (await api.ask<{ token: { health: HealthSeen } }>(query, { token })).token.health;
}

/** Waits until a token's health is in this state. */
export async function healthBecomes(api: ApiClient, token: string, state: string): Promise<HealthSeen> {
  let seen: HealthSeen | null = null;
  return eventually(
    async () => {
      seen = await healthOf(api, token);
      return seen.state === state ? seen : null;
    },
    () => seen,
  );
}

/** Reads everything of a token, whatever its health, and waits for the run to be over. @returns how it ended. */
export async function readAll(api: ApiClient, token: string): Promise<string> {
  const { syncToken } = await api.ask<{ syncToken: { syncRun: { id: string } } }>(
    "mutation ($token: ID!) { syncToken(input: { token: $token }) { syncRun { id } } }",
    { token },
  );
  return runEnds(api, syncToken.syncRun.id);
}

export function runEnds(api: ApiClient, syncRun: string): Promise<string> {
  return eventually(async () => {
    const query = "query ($syncRun: ID!) { syncRun(id: $syncRun) { state endedAt } }";
    const { syncRun: run } = await api.ask<{ syncRun: { state: string; endedAt: string | null } }>(query, { syncRun });
    return run.endedAt === null ? null : run.state;
  });
}

import type { ApiClient } from "../support/api-client.js";

/** A plan as its tests look at it. */
export interface PlanSeen {
  readonly id: string;
  readonly certainty: string;
  readonly licensesNeeded: number;
  readonly licensesMissing: number;
  readonly licensesLater: number;
  readonly licensesReturning: number;
  readonly licensesNotReturning: number;
  readonly stockBefore: StockSeen;
  readonly stockAfter: StockSeen;
  readonly outcomeCounts: readonly { outcome: string; reason: string | null; license: string | null; count: number }[];
  readonly warnings: readonly { code: string; message: string }[];
  readonly countsAt: string;
  readonly countsAgeSeconds: number;
  readonly lastSyncAt: string | null;
  readonly lastSyncAgeSeconds: number | null;
  readonly holdersImportedAt: string | null;
  readonly holdersAgeSeconds: number | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly usedAt: string | null;
  readonly deployment: { readonly id: string } | null;
  readonly members: { readonly totalCount: number; readonly nodes: readonly PlanMemberSeen[] };
}

interface StockSeen {
  readonly total: number | null;
  readonly held: number;
  readonly free: number | null;
  readonly reservedForOthers: number;
  readonly waiting: number;
}

export interface PlanMemberSeen {
  readonly outcome: string;
  readonly reason: string | null;
  readonly plannedLicense: string | null;
  readonly device: { readonly id: string; readonly serial: string | null } | null;
  readonly user: { readonly id: string; readonly displayName: string | null } | null;
}

const FIELDS = `id certainty licensesNeeded licensesMissing licensesLater licensesReturning licensesNotReturning
  stockBefore { total held free reservedForOthers waiting } stockAfter { total held free reservedForOthers waiting }
  outcomeCounts { outcome reason license count } warnings { code message }
  countsAt countsAgeSeconds lastSyncAt lastSyncAgeSeconds holdersImportedAt holdersAgeSeconds
  createdAt expiresAt usedAt deployment { id }
  members(first: 500) { totalCount nodes { outcome reason plannedLicense device { id serial } user { id displayName } } }`;

export const PLAN = `mutation ($input: PlanDeploymentInput!) { planDeployment(input: $input) { plan { ${FIELDS} } } }`;

export async function plan(api: ApiClient, input: Readonly<Record<string, unknown>>): Promise<PlanSeen> {
  return (await api.ask<{ planDeployment: { plan: PlanSeen } }>(PLAN, { input })).planDeployment.plan;
}

export async function planById(api: ApiClient, id: string): Promise<PlanSeen> {
  const query = `query ($id: ID!) { deploymentPlan(id: $id) { ${FIELDS} } }`;
  return (await api.ask<{ deploymentPlan: PlanSeen }>(query, { id })).deploymentPlan;
}

export const CREATE =
  "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }";

/** Carries a plan out. @returns the deployment's id. */
export async function carryOut(api: ApiClient, planId: string): Promise<string> {
  const created = await api.ask<{ createDeployment: { deployment: { id: string } } }>(CREATE, { input: { planId } });
  return created.createDeployment.deployment.id;
}

/** How many members have each outcome, with its reason. */
export function countOutcomes({ outcomeCounts }: PlanSeen): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome, reason, count } of outcomeCounts) {
    const name = reason === null ? outcome : `${outcome} ${reason}`;
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

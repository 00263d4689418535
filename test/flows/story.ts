import { isDeepStrictEqual } from "node:util";
import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";

/** The steps that every flow is told in, each through the public API. */

export interface InstallationSeen {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly want: string;
  readonly device: { readonly serial: string | null; readonly user: { readonly id: string } | null } | null;
  readonly license: { readonly id: string; readonly holderKey: string } | null;
}

export interface AppSeen {
  readonly id: string;
  readonly adamId: string;
  readonly name: string | null;
  readonly totalCount: number;
  readonly assignedCount: number;
  readonly heldCount: number;
  readonly freeCount: number | null;
}

const RUN_OVER = ["SUCCEEDED", "FAILED", "HELD_BACK"];

/** Adds a token and waits until its first synchronisation is over and the token may be used. */
export async function addToken(api: ApiClient, file: string, name = "Head office"): Promise<string> {
  const { addToken: added } = await api.ask<{ addToken: { token: { id: string }; syncRun: { id: string } } }>(
    `mutation ($file: String!, $name: String!) {
       addToken(input: { file: $file, name: $name }) { token { id } syncRun { id } } }`,
    { file, name },
  );
  await synced(api, added.syncRun.id);
  return added.token.id;
}

export async function syncToken(api: ApiClient, token: string): Promise<void> {
  const { syncToken: asked } = await api.ask<{ syncToken: { syncRun: { id: string } } }>(
    "mutation ($token: ID!) { syncToken(input: { token: $token }) { syncRun { id } } }",
    { token },
  );
  await synced(api, asked.syncRun.id);
}

/** Waits until a run is over and its token is ACTIVE. */
export async function synced(api: ApiClient, syncRun: string): Promise<void> {
  let seen: unknown;
  await eventually(
    async () => {
      const { syncRun: run } = await api.ask<{
        syncRun: { state: string; error: string | null; token: { health: { state: string } } };
      }>("query ($id: ID!) { syncRun(id: $id) { state error token { health { state } } } }", { id: syncRun });
      seen = run;
      return RUN_OVER.includes(run.state) && run.token.health.state === "ACTIVE" ? true : null;
    },
    () => seen,
  );
}

export async function addTarget(
  api: ApiClient,
  plugin: string,
  settings: Record<string, unknown>,
  name = `${plugin} target`,
): Promise<string> {
  const added = await api.ask<{ addTarget: { target: { id: string } } }>(
    `mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id } } }`,
    { input: { plugin, name, settings } },
  );
  return added.addTarget.target.id;
}

/** Imports holders and waits until the listing has come in. */
export async function importHolders(api: ApiClient, target: string): Promise<void> {
  const before = await imported(api, target);
  await api.ask("mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", { target });
  await eventually(async () => {
    const now = await imported(api, target);
    return now.holdersImportedAt !== null && now.holdersImportedAt !== before.holdersImportedAt ? true : null;
  });
}

async function imported(api: ApiClient, target: string): Promise<{ holdersImportedAt: string | null }> {
  const query = "query ($target: ID!) { target(id: $target) { holdersImportedAt } }";
  return (await api.ask<{ target: { holdersImportedAt: string | null } }>(query, { target })).target;
}

/** The id of the collection with that name; of one target's, where several have one of that name. */
export async function collectionNamed(api: ApiClient, name: string, target: string | null = null): Promise<string> {
  const found = await api.ask<{ collections: { nodes: { id: string; name: string }[] } }>(
    `query ($name: String!, $target: ID) {
       collections(first: 100, filter: { nameContains: $name, target: $target }) { nodes { id name } } }`,
    { name, target },
  );
  const collection = found.collections.nodes.find((node) => node.name === name);
  if (!collection) throw new Error(`There is no collection "${name}"`);
  return collection.id;
}

/** The devices there are, by serial number. */
export async function devices(api: ApiClient): Promise<{ id: string; serial: string; user: { id: string } | null }[]> {
  const found = await api.ask<{ devices: { nodes: { id: string; serial: string; user: { id: string } | null }[] } }>(
    "query { devices(first: 500) { nodes { id serial user { id } } } }",
  );
  return found.devices.nodes;
}

/** Makes a collection of devices by hand. */
export async function deviceCollection(api: ApiClient, name: string, members: readonly string[]): Promise<string> {
  const created = await api.ask<{ createCollection: { collection: { id: string } } }>(
    "mutation ($name: String!) { createCollection(input: { name: $name, kind: DEVICE }) { collection { id } } }",
    { name },
  );
  const { id } = created.createCollection.collection;
  await api.ask(
    `mutation ($input: AddCollectionMembersInput!) { addCollectionMembers(input: $input) { collection { id } } }`,
    { input: { collection: id, devices: members } },
  );
  return id;
}

export async function apps(api: ApiClient, token: string): Promise<AppSeen[]> {
  const found = await api.ask<{ storeApps: { nodes: AppSeen[] } }>(
    `query ($token: ID!) { storeApps(first: 100, filter: { token: $token }) {
       nodes { id adamId name totalCount assignedCount heldCount freeCount } } }`,
    { token },
  );
  return [...found.storeApps.nodes].sort((a, b) => a.adamId.localeCompare(b.adamId));
}

export async function appById(api: ApiClient, storeApp: string): Promise<AppSeen> {
  const query = `query ($id: ID!) { storeApp(id: $id) { id adamId name totalCount assignedCount heldCount freeCount } }`;
  return (await api.ask<{ storeApp: AppSeen }>(query, { id: storeApp })).storeApp;
}

export interface Wish {
  readonly storeApp: string;
  readonly collection: string;
  readonly target: string;
  readonly licensing?: "USER" | "DEVICE";
  readonly priority?: number;
}

export async function deploy(api: ApiClient, wish: Wish): Promise<string> {
  const created = await api.ask<{ createDeployment: { deployment: { id: string } } }>(
    "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }",
    { input: wish },
  );
  return created.createDeployment.deployment.id;
}

export async function changeAction(api: ApiClient, deployment: string, action: "INSTALL" | "UNINSTALL"): Promise<void> {
  await api.ask(
    `mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { deployment { action } } }`,
    { input: { deployment, action } },
  );
}

export async function installations(api: ApiClient, deployment: string): Promise<InstallationSeen[]> {
  const found = await api.ask<{ installations: { nodes: InstallationSeen[] } }>(
    `query ($deployment: ID!) { installations(first: 500, filter: { deployment: $deployment }) {
       nodes { id state reason want device { serial user { id } } license { id holderKey } } } }`,
    { deployment },
  );
  return found.installations.nodes;
}

/** Waits until every installation of a deployment is in one of these states. */
export async function settled(
  api: ApiClient,
  deployment: string,
  states: readonly string[],
  timeoutMs?: number,
): Promise<InstallationSeen[]> {
  let seen: InstallationSeen[] = [];
  return eventually(
    async () => {
      seen = await installations(api, deployment);
      return seen.length > 0 && seen.every((installation) => states.includes(installation.state)) ? seen : null;
    },
    () => seen.map(({ state, reason, device }) => ({ state, reason, serial: device?.serial })),
    timeoutMs,
  );
}

/** How often each state occurs. */
export function countStates(seen: readonly InstallationSeen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of seen) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Waits until a deployment has so many installations in each state, and no others. */
export async function statesBecome(
  api: ApiClient,
  deployment: string,
  counts: Readonly<Record<string, number>>,
): Promise<InstallationSeen[]> {
  let seen: InstallationSeen[] = [];
  return eventually(
    async () => {
      seen = await installations(api, deployment);
      return isDeepStrictEqual(countStates(seen), counts) ? seen : null;
    },
    () => seen.map(({ state, reason, device }) => ({ state, reason, serial: device?.serial })),
  );
}

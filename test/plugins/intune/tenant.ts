import { afterEach } from "vitest";
import type { LoggedRequest } from "../../../simulators/graph/request-log.js";
import {
  type GraphSimulator,
  type GraphSimulatorOptions,
  startGraphSimulator,
} from "../../../simulators/graph/start-graph-simulator.js";
import type {
  AppRef,
  HolderKind,
  HolderPage,
  HolderRecords,
  Step,
  StepOutcome,
  StepStatus,
  TargetConnection,
} from "../../../src/plugins/contract.js";
import { intune } from "../../../src/plugins/intune/index.js";
import { CALM, connectPlugin, stepFor } from "../../support/plugins/connect-plugin.js";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A simulated tenant with a connection to it; devices check in when they are told to. */
export interface Tenant {
  readonly simulator: GraphSimulator;
  readonly world: GraphSimulator["world"];
  readonly settings: Record<string, unknown>;
  readonly connection: TargetConnection;
  /** A POST to the control plane. */
  control(call: string, input?: object): Promise<Record<string, unknown>>;
  /** Another connection, as another process has it. */
  connect(settings?: Record<string, unknown>, tools?: Parameters<typeof connectPlugin>[2]): Promise<TargetConnection>;
  requests(): LoggedRequest[];
}

export async function startTenant(options: GraphSimulatorOptions = {}): Promise<Tenant> {
  const simulator = await startGraphSimulator({
    ...options,
    switches: { checkIns: "byControl", syncMs: 0, revokeMs: 0, exportStepMs: 0, ...options.switches },
  });
  stops.push(simulator.stop);
  const { tenantId, clientId, clientSecret, url, controlUrl, world } = simulator;
  const settings = { tenantId, clientId, clientSecret, graphUrl: url, loginUrl: url };
  const connect: Tenant["connect"] = (changes = {}, tools = {}) =>
    connectPlugin(intune, { ...settings, ...changes }, tools);
  return {
    simulator,
    world,
    settings,
    connection: await connect(),
    connect,
    requests: () => world.requests.entries,
    async control(call, input = {}) {
      const answer = await fetch(`${controlUrl}${call}`, { method: "POST", body: JSON.stringify(input) });
      if (!answer.ok) throw new Error(`${call}: ${await answer.text()}`);
      return (await answer.json()) as Record<string, unknown>;
    },
  };
}

/** All records of one kind, page by page. */
export async function listAll<Kind extends HolderKind>(
  connection: TargetConnection,
  kind: Kind,
): Promise<HolderRecords[Kind][]> {
  const records: HolderRecords[Kind][] = [];
  for (let cursor: string | null = null; ; ) {
    const page: HolderPage<Kind> | undefined = await connection.listHolders?.(kind, cursor, CALM);
    if (!page) throw new Error("The plugin lists nothing");
    records.push(...page.records);
    if (page.complete !== (page.next === null)) throw new Error("Complete before the last page, or not at it");
    if (page.next === null) return records;
    cursor = page.next;
  }
}

/** The app with that name, as Steps name it. */
export async function appNamed({ world, connection }: Tenant, name = "App 1"): Promise<AppRef> {
  const app = [...world.apps.values()].find(({ displayName }) => displayName === name);
  if (!app) throw new Error(`There is no app "${name}"`);
  const { adamId, bundleId, tokenId } = app;
  const ref = { adamId, bundleId, name, platforms: ["iOS"], tokenExternalId: tokenId };
  const { handle } = (await connection.ensureApplication?.(ref, CALM)) ?? { handle: null };
  return { ...ref, applicationHandle: handle };
}

export function deviceNamed({ world }: Pick<Tenant, "world">, name: string): string {
  const device = [...world.devices.values()].find(({ deviceName }) => deviceName === name);
  if (!device) throw new Error(`There is no device "${name}"`);
  return device.id;
}

/** A step for the device of that name. */
export async function stepTo(tenant: Tenant, device: string, fields: Partial<Step> = {}): Promise<Step> {
  const app = fields.app ?? (await appNamed(tenant));
  return stepFor(deviceNamed(tenant, device), { ...fields, app });
}

export function groupNamed({ world }: Pick<Tenant, "world">, name: string) {
  const group = [...world.groups.values()].find(({ displayName }) => displayName === name);
  if (!group) throw new Error(`There is no group "${name}"`);
  return group;
}

/** The step's collection: a group as the plugin lists it. */
export function whole(tenant: Pick<Tenant, "world">, name: string, kind = "device"): Pick<Step, "collection"> {
  return { collection: { externalId: `${kind}:${groupNamed(tenant, name).id}`, name } };
}

export async function apply({ connection }: Pick<Tenant, "connection">, ...steps: Step[]): Promise<StepOutcome[]> {
  const outcomes = await connection.apply(steps, CALM);
  return steps.map(({ key }) => {
    const found = outcomes.filter((outcome) => outcome.key === key);
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} outcomes for one step`);
    return found[0];
  });
}

/** Applies steps that must be accepted. @returns their handles. */
export async function handlesOf(tenant: Pick<Tenant, "connection">, ...steps: Step[]): Promise<string[]> {
  return (await apply(tenant, ...steps)).map((outcome) => {
    if (outcome.outcome !== "accepted") throw new Error(`Not accepted: ${JSON.stringify(outcome)}`);
    return outcome.handle;
  });
}

export async function statusOf(connection: TargetConnection, handle: string): Promise<StepStatus | null> {
  const { statuses } = await connection.poll([handle], CALM);
  return statuses[0] ?? null;
}

/** The assignments of an app, each in a word. */
export function assignmentsOf({ world }: Pick<Tenant, "world">, name = "App 1"): string[] {
  const app = [...world.apps.values()].find(({ displayName }) => displayName === name);
  return (app?.assignments ?? []).map(({ intent, target, settings, source }) => {
    const group = world.groups.get(target.groupId ?? "");
    const license = settings?.useDeviceLicensing ? "device" : "user";
    const kind = target["@odata.type"].includes("exclusion") ? "excluded " : "";
    return `${kind}${group?.uniqueName?.replace(/-[0-9a-f-]{36}-/, "-") ?? group?.displayName} ${intent} ${license} ${source}`;
  });
}

export const FOREIGN = ["Foreign group required device direct", "Policy set group required device policySets"];

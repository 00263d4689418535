import type { AppleSimulatorOptions } from "../../simulators/apple/start-apple-simulator.js";
import {
  type DeviceRecord,
  type HolderPage,
  type HolderRecords,
  type Plugin,
  PluginError,
  type Step,
  type StepOutcome,
  type StepStatus,
  type UserRecord,
} from "../../src/plugins/contract.js";
import { rows } from "../../src/queries/sql.js";
import { addJob } from "../../src/sync/jobs.js";
import { holdersAtApple } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { startTestService, type TestService } from "../support/service.js";
import { deviceRecord } from "../sync/holders/scripted-listing.js";
import { pluginWith } from "../sync/targets/target-world.js";
import { type AppSeen, addTarget, addToken, apps, collectionNamed, importHolders } from "./story.js";
import { resident } from "./town.js";

export interface LeaverSeen {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly want: string;
  readonly leftAt: string | null;
  readonly appEndsBy: string | null;
  readonly keptBy: { readonly id: string } | null;
  readonly device: { readonly serial: string };
  readonly license: { readonly id: string; readonly state: string } | null;
}

/** A service with one token and one MDM, whose devices and collections the test changes as it likes. */
export interface Camp extends TestService {
  readonly token: string;
  readonly target: string;
  readonly app: AppSeen;
  /** Changed by the test, seen by `look`. */
  readonly devices: DeviceRecord[];
  readonly users: UserRecord[];
  /** Each device collection of the MDM by its name: its members' names. */
  readonly collections: Map<string, string[]>;
  /** What the MDM was told, as "install SERIAL" or "remove SERIAL"; the same Step told twice is one. */
  readonly orders: string[];
  /** While true, the MDM takes removals without carrying them out; it does so later. */
  holdsRemovals: boolean;
  /** While true, the MDM refuses to install. */
  refusesInstalls: boolean;
  /** While true, the MDM refuses to make the app's own object. */
  refusesApp: boolean;
  /** The device of each removal that it has taken. */
  readonly held: Map<string, Step["device"]>;
  look(): Promise<void>;
  deployTo(collection: string, input?: Record<string, unknown>): Promise<string>;
  installations(deployment: string): Promise<LeaverSeen[]>;
  /** Waits until the device of that name has got so far in the deployment. */
  become(deployment: string, name: string, expected: Partial<LeaverSeen>): Promise<LeaverSeen>;
  /** Waits until it has left the deployment. */
  leave(deployment: string, name: string): Promise<void>;
  /** Waits that have a deadline have come to it. */
  deadlinesPass(): Promise<void>;
  /** The serial numbers that hold the app at Apple, once they are these. */
  holdersBecome(...names: string[]): Promise<void>;
}

export const serialOf = (name: string) => `SERIAL-${name.toUpperCase()}`;

/** @param others products that know the devices, too */
export async function startCamp(
  names: readonly string[],
  apple: AppleSimulatorOptions = {},
  environment: Readonly<Record<string, string>> = {},
  others: readonly Plugin[] = [],
): Promise<Camp> {
  const state = {
    devices: names.map((name) => deviceRecord(name, { serial: serialOf(name) })),
    users: names.map((name) => resident(name)),
    collections: new Map([["all", [...names]]]),
    orders: [] as string[],
    held: new Map<string, Step["device"]>(),
    holdsRemovals: false,
    refusesInstalls: false,
    refusesApp: false,
  };
  const service = await startTestService({
    apple: { apps: 1, licenses: 20, ...apple },
    environment,
    plugins: [pluginWith(campProduct(state), { name: "camp" }), ...others],
  });
  const { api } = service;
  const target = await addTarget(api, "camp", {});
  const token = await addToken(api, service.apple.tokenFile);
  await importHolders(api, target);
  const [app] = await apps(api, token);
  if (!app) throw new Error("No app came in");
  const camp: Camp = Object.assign(state, {
    ...service,
    token,
    target,
    app,
    look: () => importHolders(api, target),
    deployTo: async (collection: string, input: Record<string, unknown> = {}) => {
      const wish = { storeApp: app.id, target, licensing: "DEVICE", ...input };
      const { createDeployment } = await api.ask<{ createDeployment: { deployment: { id: string } } }>(
        "mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }",
        { input: { ...wish, collection: await collectionNamed(api, collection) } },
      );
      return createDeployment.deployment.id;
    },
    installations: (deployment: string) => leavers(service, deployment),
    become: (deployment: string, name: string, expected: Partial<LeaverSeen>) =>
      become(service, deployment, name, expected),
    leave: async (deployment: string, name: string) => {
      const { id } = await become(service, deployment, name, {});
      await eventually(async () => {
        const seen = await leavers(service, deployment);
        return seen.find((one) => one.id === id)?.leftAt ?? null;
      });
    },
    deadlinesPass: async () => {
      const { dataSource } = service.database;
      await rows(dataSource, "UPDATE installation SET deadline_at = now() WHERE deadline_at IS NOT NULL");
      await dataSource.transaction((tx) => addJob(tx, "sweep", {}));
    },
    holdersBecome: async (...expected: string[]) => {
      const wanted = expected.map(serialOf).sort();
      let seen: string[] = [];
      await eventually(
        async () => {
          seen = [...holdersAtApple(service.apple, app.adamId)].sort();
          return JSON.stringify(seen) === JSON.stringify(wanted) ? true : null;
        },
        () => seen,
      );
    },
  });
  return camp;
}

type CampState = Pick<
  Camp,
  "devices" | "users" | "collections" | "orders" | "held" | "holdsRemovals" | "refusesInstalls" | "refusesApp"
>;

function campProduct(state: CampState): Parameters<typeof pluginWith>[0] {
  const list = () => ({
    user: state.users,
    device: state.devices,
    collection: [...state.collections].map(([name, memberExternalIds]) => ({
      externalId: name,
      name,
      kind: "device" as const,
      memberExternalIds,
    })),
  });
  const outcomes = new Map<string, StepOutcome>();
  const told = (step: Step): StepOutcome => {
    const outcome = outcomes.get(step.key) ?? toldFirst(step);
    outcomes.set(step.key, outcome);
    return outcome;
  };
  const toldFirst = ({ action, device, key }: Step): StepOutcome => {
    if (state.holdsRemovals && action === "remove") {
      state.held.set(`held-${key}`, device);
      return { key, outcome: "accepted", handle: `held-${key}` };
    }
    if (state.refusesInstalls && action === "install") {
      return { key, outcome: "failed", failure: { code: "INSTALL_FAILED", detail: "There is no room." } };
    }
    state.orders.push(`${action} ${device.serial}`);
    return { key, outcome: "done", observedAt: new Date() };
  };
  return {
    listHolders: async <Kind extends keyof HolderRecords>(kind: Kind): Promise<HolderPage<Kind>> => ({
      records: list()[kind] as unknown as HolderRecords[Kind][],
      next: null,
      complete: true,
    }),
    ensureApplication: async ({ adamId }) => {
      if (state.refusesApp) throw new PluginError("rejected", "The app is not for this MDM.");
      return { handle: adamId };
    },
    apply: async (steps) => steps.map(told),
    poll: async (handles) => ({ statuses: handles.flatMap((handle) => carriedOut(state, handle)), followUps: [] }),
  };
}

function carriedOut(state: CampState, handle: string): StepStatus[] {
  const device = state.held.get(handle);
  if (state.holdsRemovals || !device) return [];
  state.orders.push(`remove ${device.serial}`);
  return [{ handle, device: device.externalId, state: "removed", observedAt: new Date() }];
}

async function leavers({ api }: TestService, deployment: string): Promise<LeaverSeen[]> {
  const { installations } = await api.ask<{ installations: { nodes: LeaverSeen[] } }>(
    `query ($deployment: ID!) { installations(first: 500, filter: { deployment: $deployment }) {
       nodes { id state reason want leftAt appEndsBy keptBy { id } device { serial } license { id state } } } }`,
    { deployment },
  );
  return installations.nodes;
}

async function become(
  service: TestService,
  deployment: string,
  name: string,
  expected: Partial<LeaverSeen>,
): Promise<LeaverSeen> {
  let seen: LeaverSeen | undefined;
  return eventually(
    async () => {
      seen = (await leavers(service, deployment)).find(({ device }) => device.serial === serialOf(name));
      const is = (field: keyof LeaverSeen) => JSON.stringify(seen?.[field]) === JSON.stringify(expected[field]);
      return seen && (Object.keys(expected) as (keyof LeaverSeen)[]).every(is) ? seen : null;
    },
    () => seen,
  );
}

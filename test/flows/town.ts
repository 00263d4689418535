import type { AppleSimulatorOptions } from "../../simulators/apple/start-apple-simulator.js";
import type { DeviceRecord, HolderPage, HolderRecords, UserRecord } from "../../src/plugins/contract.js";
import { rows } from "../../src/queries/sql.js";
import { controlApple } from "../support/control-apple.js";
import { startTestService, type TestService } from "../support/service.js";
import { deviceRecord, userRecord } from "../sync/holders/scripted-listing.js";
import { pluginWith } from "../sync/targets/target-world.js";
import { type AppSeen, addTarget, addToken, appById, apps, collectionNamed, deploy, importHolders } from "./story.js";

/** The town's organisation at Apple. */
const DOMAIN = "allotment.example";

/** A registration with Apple, as the API shows it. */
export interface RegistrationSeen {
  readonly clientUserId: string;
  readonly status: string;
  readonly invitationUrl: string | null;
}

/** A service with one token, and an MDM whose people and devices the test moves as it likes; every step succeeds at once. */
export interface Town extends TestService {
  readonly token: string;
  readonly target: string;
  /** Who lives there, each with the device of that name; changed by the test, seen by `look`. */
  people: UserRecord[];
  devices: DeviceRecord[];
  control(call: string, input?: Record<string, unknown>): Promise<void>;
  /** Imports what the MDM lists now. */
  look(): Promise<void>;
  /** Deploys an app to everybody's devices, by users' licences. */
  deployToAll(adamId: string): Promise<string>;
  app(adamId: string): Promise<AppSeen>;
  registrationsOf(name: string): Promise<RegistrationSeen[]>;
  /** Makes so much time pass for whoever has left and what was proven of them. */
  age(interval: string): Promise<void>;
}

/** A person with a managed account and, unless `managed` is false, no need of an invitation. */
export function resident(name: string, fields: Partial<UserRecord> = {}): UserRecord {
  const address = `${name}@${DOMAIN}`;
  return userRecord(name, { principalName: address, email: address, managedAppleId: address, ...fields });
}

export function phoneOf(name: string, fields: Partial<DeviceRecord> = {}): DeviceRecord {
  return deviceRecord(`${name}-phone`, { serial: `SERIAL-${name}`, userExternalId: name, ...fields });
}

export async function startTown(
  people: readonly UserRecord[],
  apple: AppleSimulatorOptions = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Town> {
  const listing = { people: [...people], devices: people.map(({ externalId }) => phoneOf(externalId)) };
  const service = await startTestService({
    apple: { domain: DOMAIN, ...apple },
    environment,
    plugins: [pluginWith(townProduct(listing), { name: "town" })],
  });
  const control = (call: string, input?: Record<string, unknown>) => controlApple(service.apple, call, input);
  const target = await addTarget(service.api, "town", {});
  const token = await addToken(service.api, service.apple.tokenFile);
  await importHolders(service.api, target);
  const app = async (adamId: string) => {
    const found = (await apps(service.api, token)).find((one) => one.adamId === adamId);
    if (!found) throw new Error(`There is no app ${adamId}`);
    return appById(service.api, found.id);
  };
  return Object.assign(listing, {
    ...service,
    token,
    target,
    control,
    app,
    look: () => importHolders(service.api, target),
    deployToAll: async (adamId: string) => {
      const collection = await collectionNamed(service.api, "everybody");
      const { id } = await app(adamId);
      return deploy(service.api, { storeApp: id, collection, target, licensing: "USER" });
    },
    registrationsOf: (name: string) => registrationsOf(service, name),
    age: (interval: string) => age(service, interval),
  });
}

function townProduct(listing: { people: UserRecord[]; devices: DeviceRecord[] }): Parameters<typeof pluginWith>[0] {
  const list = () => ({
    user: listing.people,
    device: listing.devices,
    collection: [
      {
        externalId: "everybody",
        name: "everybody",
        kind: "device" as const,
        memberExternalIds: listing.devices.map(({ externalId }) => externalId),
      },
    ],
  });
  return {
    listHolders: async <Kind extends keyof HolderRecords>(kind: Kind): Promise<HolderPage<Kind>> => ({
      records: list()[kind] as unknown as HolderRecords[Kind][],
      next: null,
      complete: true,
    }),
    apply: async (steps) => steps.map(({ key }) => ({ key, outcome: "done", observedAt: new Date() })),
  };
}

async function registrationsOf({ api }: TestService, name: string): Promise<RegistrationSeen[]> {
  const { users } = await api.ask<{ users: { nodes: { displayName: string; appleUsers: RegistrationSeen[] }[] } }>(
    "query { users(first: 500) { nodes { displayName appleUsers { clientUserId status invitationUrl } } } }",
  );
  return users.nodes.find(({ displayName }) => displayName === name)?.appleUsers ?? [];
}

async function age({ database: { dataSource } }: TestService, interval: string): Promise<void> {
  await rows(dataSource, 'UPDATE "user" SET left_at = left_at - $1::interval', [interval]);
  await rows(dataSource, "UPDATE apple_user SET proven_at = proven_at - $1::interval", [interval]);
}

import { isDeepStrictEqual } from "node:util";
import { eventually } from "../support/eventually.js";
import { type Office, startOffice } from "./office.js";
import { deploy, deviceCollection, devices } from "./story.js";

export interface PlaceSeen {
  readonly position: number;
  readonly ahead: number;
  readonly lane: string;
  readonly priority: number;
  readonly reservation: { readonly id: string } | null;
}

/** An office whose devices stand in line, in groups, for the licences of its app. */
export interface Queue extends Office {
  /** Makes a collection of so many devices that are in none yet. */
  group(name: string, size: number): Promise<string>;
  /** Deploys the app to a group, by licences of the devices. */
  wish(group: string, priority?: number): Promise<string>;
  /** Waits until so many of each of these deployments have the app, and all others of them wait. */
  served(counts: Readonly<Record<string, number>>): Promise<void>;
  /** The places of those of a deployment who wait, the first first. */
  places(deployment: string): Promise<PlaceSeen[]>;
  /** Their positions alone, once these are they. */
  positionsBecome(deployment: string, positions: readonly number[]): Promise<void>;
}

/** @param foreign how many of the licences are with devices that nobody here knows */
export async function startQueue(options: { licenses: number; devices: number; foreign?: number }): Promise<Queue> {
  const office = await startOffice({ licenses: options.licenses, mock: { userless: options.devices } });
  for (let taken = 1; taken <= (options.foreign ?? 0); taken += 1) {
    await office.control("/assign", { adamId: office.app.adamId, serialNumber: foreignSerial(taken) });
  }
  const left = (await devices(office.api)).map(({ id }) => id);
  const places = (deployment: string) => placesOf(office, deployment);
  return {
    ...office,
    group: (name, size) => deviceCollection(office.api, name, left.splice(0, size)),
    wish: (collection, priority = 0) => {
      const { app, target } = office;
      return deploy(office.api, { storeApp: app.id, collection, target, licensing: "DEVICE", priority });
    },
    served: (counts) => served(office, counts),
    places,
    positionsBecome: (deployment, positions) =>
      becomes(async () => (await places(deployment)).map(({ position }) => position), positions),
  };
}

/** The serial number of one of the devices that nobody here knows. */
export function foreignSerial(number: number): string {
  return `FOREIGN${String(number).padStart(5, "0")}`;
}

async function becomes(look: () => Promise<unknown>, expected: unknown): Promise<void> {
  let seen: unknown;
  await eventually(
    async () => {
      seen = await look();
      return isDeepStrictEqual(seen, expected) ? true : null;
    },
    () => seen,
  );
}

async function served(office: Office, counts: Readonly<Record<string, number>>): Promise<void> {
  const query = `query ($id: ID!) { deployment(id: $id) { installations(first: 500) { nodes { state } } } }`;
  const look = async (id: string) => {
    const { deployment } = await office.api.ask<{ deployment: { installations: { nodes: { state: string }[] } } }>(
      query,
      { id },
    );
    const states = deployment.installations.nodes.map(({ state }) => state);
    const others = states.filter((state) => state !== "INSTALLED" && state !== "WAITING_FOR_LICENSE");
    return others.length > 0 ? others : states.filter((state) => state === "INSTALLED").length;
  };
  const ids = Object.keys(counts);
  await becomes(
    async () => Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await look(id)] as const))),
    counts,
  );
}

async function placesOf(office: Office, deployment: string): Promise<PlaceSeen[]> {
  const { installations } = await office.api.ask<{ installations: { nodes: { queue: PlaceSeen | null }[] } }>(
    `query ($deployment: ID!) { installations(first: 500, filter: { deployment: $deployment }) {
       nodes { queue { position ahead lane priority reservation { id } } } } }`,
    { deployment },
  );
  return installations.nodes.flatMap(({ queue }) => queue ?? []).sort((a, b) => a.position - b.position);
}

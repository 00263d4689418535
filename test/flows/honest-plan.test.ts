import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdersAtApple } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { type Office, startOffice } from "./office.js";
import { carryOut, type PlanMemberSeen, plan } from "./plan.js";
import {
  type AppSeen,
  appById,
  apps,
  changeAction,
  collectionNamed,
  deploy,
  deviceCollection,
  devices,
  type InstallationSeen,
  installations,
  syncToken,
} from "./story.js";

/**
 * Each seed is a world: an app with so many licences, some of them out elsewhere, some deployments before. In each of them
 * a plan is made, carried out, and when everything has settled, compared with what became of each member.
 */
const SEEDS = Array.from({ length: 16 }, (_, at) => at + 1);

/** The app of this world cannot be taken back; the store has one such. */
const IRREVOCABLE = 10;

const adamIdOf = (seed: number) => (seed === IRREVOCABLE ? "6430000003" : `64400091${String(seed).padStart(2, "0")}`);

let office: Office;
let everyDevice: { id: string; serial: string }[];

beforeAll(async () => {
  // One person of three has to accept an invitation; each has six devices, one more than a licence serves.
  office = await startOffice({
    licenses: 1,
    mock: { users: 3, devices: 18, userless: 3, invitedEvery: 3 },
    environment: { SYNC_CRON: "0 0 1 1 *" },
  });
  everyDevice = (await devices(office.api)).sort((one, other) => one.serial.localeCompare(other.serial));
  for (const seed of SEEDS) {
    const count = holdersElsewhere(seed).length + dice(seed).below(20);
    await office.control("/purchase", { adamId: adamIdOf(seed), count });
    for (const serialNumber of holdersElsewhere(seed)) {
      await office.control("/assign", { adamId: adamIdOf(seed), serialNumber });
    }
  }
  await syncToken(office.api, office.token);
});
afterAll(() => office.stop());

/** The same numbers for the same seed. */
function dice(seed: number) {
  let state = seed * 2654435761;
  const below = (count: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % count;
  };
  return { below, oneOf: <Value>(...values: [Value, ...Value[]]): Value => values[below(values.length)] as Value };
}

/** Who holds the app at Apple before anything is done here: devices of others, and of ours. */
function holdersElsewhere(seed: number): string[] {
  const { below } = dice(seed + 500);
  const ours = seed % 2 === 0 ? everyDevice.filter(() => below(5) === 0).map(({ serial }) => serial) : [];
  return ["ELSEWHERE001", "ELSEWHERE002"].slice(below(3)).concat(ours);
}

/** Deploys the app to a part of the devices, or to the users, and lets that settle; turns some of it back. */
async function deployBefore(seed: number, app: AppSeen): Promise<string[]> {
  const { below, oneOf } = dice(seed + 1000);
  const made: string[] = [];
  for (let at = below(3); at > 0; at -= 1) {
    const collection = await someCollection(`before ${seed} ${at}`, seed + at * 31);
    const licensing = oneOf("USER", "DEVICE") as "USER" | "DEVICE";
    const deployment = await deploy(office.api, { storeApp: app.id, collection, target: office.target, licensing });
    await settle(app, [...made, deployment]);
    if (below(3) === 0) await changeAction(office.api, deployment, "UNINSTALL");
    made.push(deployment);
    await settle(app, made);
  }
  return made;
}

async function someCollection(name: string, seed: number): Promise<string> {
  const { below } = dice(seed + 2000);
  const kind = below(4);
  if (kind === 0) return collectionNamed(office.api, "All users");
  if (kind === 1) return collectionNamed(office.api, "All devices");
  return deviceCollection(
    office.api,
    name,
    everyDevice.filter(() => below(2) === 0).map(({ id }) => id),
  );
}

async function reserve(app: AppSeen, collection: string, count: number): Promise<void> {
  const input = { storeApp: app.id, collection, count, until: new Date(Date.now() + 86_400_000).toISOString() };
  await office.api.ask(
    "mutation ($input: ReserveLicensesInput!) { reserveLicenses(input: $input) { reservation { id } } }",
    { input },
  );
}

const AT_REST = ["INSTALLED", "NO_DEVICE", "NOT_APPLICABLE", "REMOVED", "SUPERSEDED", "CANCELLED"];
const WAITS = ["OUT_OF_STOCK", "INVITATION_OPEN"];

const rests = ({ state, reason }: InstallationSeen) => AT_REST.includes(state) || WAITS.includes(reason ?? "");

/** Waits until nothing moves any more, neither an installation nor a licence of the app. */
async function settle(app: AppSeen, deployments: readonly string[]): Promise<InstallationSeen[][]> {
  let seen: InstallationSeen[][] = [];
  return eventually(
    async () => {
      seen = await Promise.all(deployments.map((deployment) => installations(office.api, deployment)));
      return seen.flat().every(rests) && (await movingLicenses(app)) === 0 ? seen : null;
    },
    () => seen.flat().filter((installation) => !rests(installation)),
  );
}

async function movingLicenses(app: AppSeen): Promise<number> {
  const { licenses } = await office.api.ask<{ licenses: { totalCount: number } }>(
    `query ($storeApp: ID!) {
       licenses(filter: { storeApp: $storeApp, state: [CLAIMING, RETURNING] }) { totalCount } }`,
    { storeApp: app.id },
  );
  return licenses.totalCount;
}

/** What a plan said, in the words of installations. */
function promised({ outcome, reason }: PlanMemberSeen): string {
  switch (outcome) {
    case "INSTALL":
    case "ALREADY_THERE":
      return "INSTALLED";
    case "WAITS_FOR_LICENSE":
      return `WAITING_FOR_LICENSE ${reason}`;
    case "WAITS_FOR_USER":
      return `WAITING_FOR_USER ${reason}`;
    case "NO_USER":
      return "NOT_APPLICABLE NO_USER";
    case "REMOVE":
      return "REMOVED";
    case "KEPT":
      return "SUPERSEDED";
    default:
      return reason === null ? outcome : `${outcome} ${reason}`;
  }
}

/** What became of it. A licence that is kept by another device of the person says so; that is another matter. */
function became({ state, reason }: InstallationSeen): string {
  return reason === null || state === "REMOVED" || state === "SUPERSEDED" ? state : `${state} ${reason}`;
}

const UNKNOWN_YET = "WAITING_FOR_USER REGISTRATION_OPEN";

function bySerial<Of extends { device: { serial: string | null } | null }>(
  all: readonly Of[],
  tell: (one: Of) => string,
): Record<string, string> {
  return Object.fromEntries(all.map((one) => [one.device?.serial ?? "none", tell(one)]).sort());
}

describe("a plan that was carried out has told the truth", () => {
  it.each(SEEDS)(
    "in world %i",
    async (seed) => {
      const app = (await apps(office.api, office.token)).find(({ adamId }) => adamId === adamIdOf(seed)) as AppSeen;
      const before = await deployBefore(seed, app);
      const { below, oneOf } = dice(seed + 3000);
      const leftOut = below(4);
      const members = everyDevice.filter(() => below(4) >= leftOut).map(({ id }) => id);
      const collection = await deviceCollection(office.api, `planned ${seed}`, members);
      if (below(3) === 0)
        await reserve(app, oneOf(collection, await collectionNamed(office.api, "All users")), 1 + below(5));
      const planned = await plan(office.api, {
        storeApp: app.id,
        collection,
        target: office.target,
        licensing: oneOf("USER", "DEVICE"),
        action: oneOf("INSTALL", "INSTALL", "UNINSTALL"),
        priority: oneOf(-1, 0, 1),
      });
      expect(await appById(office.api, app.id)).toMatchObject({ heldCount: planned.stockBefore.held });

      const deployment = await carryOut(office.api, planned.id);
      const [seen = []] = await settle(app, [deployment, ...before]);
      const promises = bySerial(planned.members.nodes, promised);
      const outcomes = bySerial(seen, became);
      for (const [serial, promise] of Object.entries(promises)) if (promise === UNKNOWN_YET) delete outcomes[serial];
      expect(outcomes).toEqual(Object.fromEntries(Object.entries(promises).filter(([, one]) => one !== UNKNOWN_YET)));
      expect(seen).toHaveLength(planned.members.totalCount);

      // Who was to wait for a person, or waited before, may have moved since.
      if (planned.licensesLater > 0 || planned.stockBefore.waiting > 0) return;
      const after = await appById(office.api, app.id);
      expect(after).toMatchObject({ heldCount: planned.stockAfter.held, freeCount: planned.stockAfter.free });
      expect(holdersAtApple(office.apple, app.adamId)).toHaveLength(planned.stockAfter.held);
    },
    180_000,
  );
});

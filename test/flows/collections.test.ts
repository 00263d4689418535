import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { eventually } from "../support/eventually.js";
import { startTestService, type TestService } from "../support/service.js";
import {
  type AppSeen,
  addTarget,
  addToken,
  apps,
  collectionNamed,
  deploy,
  deviceCollection,
  devices,
  importHolders,
  installations,
  settled,
  statesBecome,
} from "./story.js";

let service: TestService;
let token: string;

beforeAll(async () => {
  service = await startTestService({ apple: { apps: 4, licenses: 100, domain: "allotment.example" } });
  token = await addToken(service.api, service.apple.tokenFile);
});

afterAll(() => service.stop());

async function storeApp(index: number): Promise<AppSeen> {
  const app = (await apps(service.api, token))[index];
  if (!app) throw new Error(`No app ${index} came in`);
  return app;
}

/** A pretended MDM of its own for one test; the seed makes its serial numbers, and so its devices, its own. */
async function mdm(seed: number, holders: { users: number; devices: number; userless: number }): Promise<string> {
  const settings = { world: "collections", seed, invitedEvery: 0, installMs: 50, ...holders };
  const target = await addTarget(service.api, "mock", settings, `MDM ${seed}`);
  await importHolders(service.api, target);
  return target;
}

/** The devices of one pretended MDM, in the order of their serial numbers. */
async function devicesOf(seed: number): Promise<string[]> {
  const own = (await devices(service.api)).filter(({ serial }) => serial.startsWith(`MK00${seed}`));
  return own.sort((a, b) => a.serial.localeCompare(b.serial)).map(({ id }) => id);
}

async function changeMembers(
  mutation: "addCollectionMembers" | "removeCollectionMembers",
  collection: string,
  members: readonly string[],
): Promise<void> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  await service.api.ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { collection { id } } }`, {
    input: { collection, devices: members },
  });
}

/** Waits until no job is left that a change of members has caused. */
async function jobsAreDone(): Promise<void> {
  await eventually(async () => {
    const jobs = await rows(
      service.database.dataSource,
      "SELECT 1 FROM graphile_worker.jobs WHERE task_identifier <> 'sweep'",
    );
    return jobs.length === 0 ? true : null;
  });
}

describe("a collection of devices that has a deployment", () => {
  it("brings the app to who joins it", async () => {
    const target = await mdm(1, { users: 0, devices: 0, userless: 3 });
    const [first, ...others] = await devicesOf(1);
    const collection = await deviceCollection(service.api, "Joined later", [first ?? ""]);
    const { id } = await storeApp(0);
    const deployment = await deploy(service.api, { storeApp: id, collection, target, licensing: "DEVICE" });
    await statesBecome(service.api, deployment, { INSTALLED: 1 });

    await changeMembers("addCollectionMembers", collection, others);
    const seen = await statesBecome(service.api, deployment, { INSTALLED: 3 });
    expect(new Set(seen.map(({ license }) => license?.id)).size).toBe(3);
  });

  it("leaves the app, and its licence, with who leaves it", async () => {
    const target = await mdm(2, { users: 0, devices: 0, userless: 2 });
    const members = await devicesOf(2);
    const collection = await deviceCollection(service.api, "Left again", members);
    const app = await storeApp(1);
    const deployment = await deploy(service.api, { storeApp: app.id, collection, target, licensing: "DEVICE" });
    const before = await settled(service.api, deployment, ["INSTALLED"]);

    await changeMembers("removeCollectionMembers", collection, members.slice(0, 1));
    await jobsAreDone();
    const inOrder = (seen: typeof before) => [...seen].sort((a, b) => a.id.localeCompare(b.id));
    expect(inOrder(await installations(service.api, deployment))).toEqual(inOrder(before));
    expect((await storeApp(1)).heldCount).toBe(app.heldCount + 2);
  });
});

describe("a collection of users that has a deployment", () => {
  it("waits for a user without a device, and installs on the first one she gets", async () => {
    const target = await mdm(3, { users: 3, devices: 2, userless: 0 });
    const collection = await collectionNamed(service.api, "All users", target);
    const { id } = await storeApp(2);
    const deployment = await deploy(service.api, { storeApp: id, collection, target, licensing: "USER" });
    const seen = await statesBecome(service.api, deployment, { INSTALLED: 2, NO_DEVICE: 1 });
    expect(seen.find(({ state }) => state === "NO_DEVICE")).toMatchObject({ device: null, license: null });

    await service.api.ask("mutation ($input: UpdateTargetInput!) { updateTarget(input: $input) { target { id } } }", {
      input: { target, settings: { devices: 3 } },
    });
    await importHolders(service.api, target);
    const installed = await statesBecome(service.api, deployment, { INSTALLED: 3, SUPERSEDED: 1 });
    expect(new Set(installed.flatMap(({ license }) => license?.id ?? [])).size).toBe(3);
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type AppleSimulator, startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { testEnvironment } from "../support/service.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";
import {
  type AppSeen,
  addTarget,
  addToken,
  appById,
  apps,
  changeAction,
  collectionNamed,
  countStates,
  deploy,
  importHolders,
  settled,
  synced,
} from "./story.js";

const DEVICES = 8;
/** Within two minutes of the restart everything must be as without the kill. */
const TWO_MINUTES = 120_000;

let database: TestDatabase;
let apple: AppleSimulator;
let directory: string;
let service: ServiceProcess;

beforeEach(async () => {
  database = await createTestDatabase();
  apple = await startAppleSimulator({ apps: 3, licenses: 100, assigned: 40, seed: 5 });
  directory = await mkdtemp(join(tmpdir(), "allotment-kill-"));
  service = await start();
});

afterEach(async () => {
  await service.kill();
  await apple.stop();
  await database.drop();
  await rm(directory, { recursive: true });
});

function start(): Promise<ServiceProcess> {
  return startServiceProcess({ ...testEnvironment(database.url, apple.baseUrl), LOG_LEVEL: "fatal" });
}

async function killAndRestart(): Promise<void> {
  await service.kill();
  service = await start();
}

async function control(call: string, body: Record<string, unknown> = {}): Promise<void> {
  const answer = await fetch(`${apple.controlUrl}/${call}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Waits until Apple has been asked for this. */
function asked(path: string): Promise<true> {
  return eventually(async () =>
    apple.world.requests.entries.some((request) => request.path.includes(path)) ? true : null,
  );
}

function serialsAtApple(adamId: string): string[] {
  const rows = [...(apple.world.locations[0]?.assignments.rows ?? [])];
  return rows.flatMap(({ asset, holder }) =>
    asset.item.adamId === adamId && holder.kind === "device" ? holder.serialNumber : [],
  );
}

async function mockTarget(): Promise<string> {
  const settings = {
    world: directory,
    file: join(directory, "mock.json"),
    users: 0,
    devices: 0,
    userless: DEVICES,
    installMs: 50,
  };
  const target = await addTarget(service.api, "mock", settings);
  await importHolders(service.api, target);
  return target;
}

/** A deployment to every device, and the serial numbers that held the app before. */
async function deployToAll(): Promise<{ deployment: string; app: AppSeen; before: string[] }> {
  const token = await addToken(service.api, apple.tokenFile);
  const target = await mockTarget();
  const [app] = await apps(service.api, token);
  if (!app) throw new Error("No app came in");
  const before = serialsAtApple(app.adamId);
  const collection = await collectionNamed(service.api, "All devices");
  await control("hold", { path: "/assets/associate" });
  const deployment = await deploy(service.api, { storeApp: app.id, collection, target, licensing: "DEVICE" });
  return { deployment, app, before };
}

it(
  "brings the same data in when it was killed in the middle of the first synchronisation",
  async () => {
    await control("hold", { path: "/assignments" });
    const { addToken: added } = await service.api.ask<{ addToken: { token: { id: string }; syncRun: { id: string } } }>(
      `mutation ($file: String!) { addToken(input: { file: $file, name: "Head office" }) { token { id } syncRun { id } } }`,
      { file: apple.tokenFile },
    );
    await asked("/assignments");
    await service.kill();
    await control("release");
    service = await start();

    await synced(service.api, added.syncRun.id);
    const seen = await apps(service.api, added.token.id);
    for (const app of seen) expect(app.heldCount).toBe(serialsAtApple(app.adamId).length);
    expect(seen.reduce((sum, app) => sum + app.heldCount, 0)).toBe(40);
  },
  TWO_MINUTES,
);

it(
  "claims each licence once when it was killed between the POST of an association and its answer",
  async () => {
    const { deployment, app, before } = await deployToAll();
    await asked("/assets/associate");
    await service.kill();
    await control("release");
    service = await start();

    const seen = await settled(service.api, deployment, ["INSTALLED"], TWO_MINUTES);
    expect(countStates(seen)).toEqual({ INSTALLED: DEVICES });
    expect(serialsAtApple(app.adamId).length).toBe(before.length + DEVICES);
    expect(await appById(service.api, app.id)).toMatchObject({ heldCount: before.length + DEVICES });
  },
  TWO_MINUTES,
);

it(
  "returns every licence when it was killed in the middle of the removal",
  async () => {
    const { deployment, app, before } = await deployToAll();
    await control("release");
    await settled(service.api, deployment, ["INSTALLED"]);
    await control("hold", { path: "/assets/disassociate" });
    await changeAction(service.api, deployment, "UNINSTALL");
    await killAndRestart();
    await asked("/assets/disassociate");
    await service.kill();
    await control("release");
    service = await start();

    const seen = await settled(service.api, deployment, ["REMOVED"], TWO_MINUTES);
    expect(countStates(seen)).toEqual({ REMOVED: DEVICES });
    expect(serialsAtApple(app.adamId).sort()).toEqual([...before].sort());
    expect(await appById(service.api, app.id)).toMatchObject({ heldCount: before.length });
  },
  2 * TWO_MINUTES,
);

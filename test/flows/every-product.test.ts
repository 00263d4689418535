import { afterEach, describe, expect, it } from "vitest";
import { plugins as builtIn } from "../../src/plugins/index.js";
import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";
import { startTestService, type TestService } from "../support/service.js";
import { products } from "./products/index.js";
import type { Product, Stage } from "./products/product.js";
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
  deviceCollection,
  devices,
  importHolders,
  settled,
  synced,
} from "./story.js";

/** A product as a target of a service, its holders known: the story may begin. */
interface Scene {
  readonly api: ApiClient;
  readonly stage: Stage;
  readonly target: string;
  readonly collection: string;
  readonly app: AppSeen;
  /** Licences of the app that its devices use, by the word of whoever keeps them. */
  readonly licensesUsed: () => Promise<number>;
}

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startService(): Promise<TestService> {
  const service = await startTestService({
    apple: { apps: 1, licenses: 200 },
    plugins: [...new Set(products.map(({ plugin }) => plugin))].filter((plugin) => !builtIn.includes(plugin)),
    environment: { TARGET_HOSTS: "127.0.0.1", PUBLIC_URL: "http://127.0.0.1:4000" },
  });
  stops.push(service.stop);
  await addToken(service.api, service.apple.tokenFile);
  return service;
}

async function setScene(service: TestService, product: Product, number: number, size: number): Promise<Scene> {
  const { api } = service;
  const stage = await product.start({ devices: size, number });
  stops.push(stage.stop);
  const target = await addTarget(api, product.plugin.name, stage.settings, `${product.plugin.name} ${number}`);
  await stage.connected?.(await webhookUrlOf(service, target));
  if (stage.collection !== null) await importHolders(api, target);
  const members = await devicesBySerial(api, stage.serials);
  return {
    api,
    stage,
    target,
    collection: stage.collection
      ? await collectionNamed(api, stage.collection, target)
      : await deviceCollection(api, `by hand ${number}`, members),
    app: await appOf(service, target, stage),
    licensesUsed: stage.ownApp ? stage.ownApp.licensesUsed : async () => usedAtApple(service, stage),
  };
}

/** The service under test has a port of its own, whatever its public address says. */
async function webhookUrlOf({ api, url }: TestService, target: string): Promise<string> {
  const query = "query ($target: ID!) { target(id: $target) { webhookUrl } }";
  const { webhookUrl } = (await api.ask<{ target: { webhookUrl: string } }>(query, { target })).target;
  return `${url}${new URL(webhookUrl).pathname}`;
}

/** Waits until the service knows these devices. @returns their ids. */
async function devicesBySerial(api: ApiClient, serials: readonly string[]): Promise<string[]> {
  let seen: string[] = [];
  return eventually(
    async () => {
      const known = new Map((await devices(api)).map(({ serial, id }) => [serial, id]));
      seen = [...known.keys()];
      return serials.every((serial) => known.has(serial)) ? serials.map((serial) => known.get(serial) ?? "") : null;
    },
    () => ({ wanted: serials, seen }),
  );
}

/** The app of the product's own token, or of ours at Apple. */
async function appOf({ api }: TestService, target: string, { ownApp }: Stage): Promise<AppSeen> {
  const token = await tokenOf(api, ownApp ? target : null);
  const app = (await apps(api, token)).find(({ adamId }) => !ownApp || adamId === ownApp.adamId);
  if (!app) throw new Error("The app did not come in");
  return app;
}

/** @param target whose own token it is; null for ours. Waits until it has been read once. */
async function tokenOf(api: ApiClient, target: string | null): Promise<string> {
  const { syncRuns } = await api.ask<{
    syncRuns: { nodes: { id: string; token: { id: string; target: { id: string } | null } }[] };
  }>("query { syncRuns(first: 100) { nodes { id token { id target { id } } } } }");
  const run = syncRuns.nodes.find(({ token }) => (token.target?.id ?? null) === target);
  if (!run) throw new Error("The product's token was not mirrored");
  await synced(api, run.id);
  return run.token.id;
}

function usedAtApple({ apple }: TestService, { serials }: Stage): number {
  const assignments = [...(apple.world.locations[0]?.assignments.rows ?? [])];
  return assignments.filter(({ holder }) => holder.kind === "device" && serials.includes(holder.serialNumber)).length;
}

async function deployTo({ api, target, collection, app }: Scene): Promise<string> {
  return deploy(api, { storeApp: app.id, collection, target, licensing: "DEVICE" });
}

async function expectInstalled({ api, stage, app, licensesUsed }: Scene, deployment: string): Promise<void> {
  const size = stage.serials.length;
  const seen = await settled(api, deployment, ["INSTALLED"]);
  expect(seen.map(({ device }) => device?.serial).sort()).toEqual([...stage.serials].sort());
  expect(await stage.installedOn(app.adamId)).toBe(size);
  expect(await licensesUsed()).toBe(size);
}

async function expectRemoved({ api, stage, app, licensesUsed }: Scene, deployment: string): Promise<void> {
  expect(countStates(await settled(api, deployment, ["REMOVED"]))).toEqual({ REMOVED: stage.serials.length });
  expect(await stage.installedOn(app.adamId)).toBe(0);
  expect(await licensesUsed()).toBe(0);
}

/** No holding is left, and every licence is free again. */
async function expectAllFree(api: ApiClient, app: AppSeen): Promise<void> {
  let seen: AppSeen = app;
  await eventually(
    async () => {
      seen = await appById(api, app.id);
      return seen.heldCount === 0 && seen.freeCount === seen.totalCount ? true : null;
    },
    () => seen,
  );
}

describe.each(products.map((product) => [product.name, product] as const))("%s", (_, product) => {
  it("brings its holders, installs, reports, uninstalls and gives the licences back, by the same steps as any other", async () => {
    const scene = await setScene(await startService(), product, 1, 4);
    const deployment = await deployTo(scene);
    await expectInstalled(scene, deployment);
    await changeAction(scene.api, deployment, "UNINSTALL");
    await expectRemoved(scene, deployment);
    await expectAllFree(scene.api, scene.app);
  });
});

describe("several targets in one service", () => {
  it("each has its own devices and outcomes, two of each product side by side", async () => {
    const service = await startService();
    const pairs = products.flatMap((product) => [product, product]);
    const scenes = await Promise.all(pairs.map((product, index) => setScene(service, product, index + 1, 2)));
    const running = await Promise.all(scenes.map(async (scene) => ({ scene, deployment: await deployTo(scene) })));
    await Promise.all(running.map(({ scene, deployment }) => expectInstalled(scene, deployment)));
    // Every other one goes back, and no neighbour with it.
    const leaving = running.filter((_, index) => index % 2 === 0);
    const staying = running.filter((_, index) => index % 2 === 1);
    await Promise.all(leaving.map(({ scene, deployment }) => changeAction(scene.api, deployment, "UNINSTALL")));
    await Promise.all(leaving.map(({ scene, deployment }) => expectRemoved(scene, deployment)));
    await Promise.all(staying.map(({ scene, deployment }) => expectInstalled(scene, deployment)));
  });
});

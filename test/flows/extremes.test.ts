import { afterEach, describe, expect, it } from "vitest";
import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";
import { startCommandProduct } from "../support/plugins/command-product.js";
import { commandSender } from "../support/plugins/command-sender.js";
import { groupAssigner } from "../support/plugins/group-assigner.js";
import { startGroupProduct } from "../support/plugins/group-product.js";
import { startTestService, type TestService } from "../support/service.js";
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

const DEVICES = 4;

/** A product, connected: all that differs between the extremes before the story begins. */
interface Stage {
  readonly api: ApiClient;
  readonly target: string;
  readonly collection: string;
  /** The app to deploy, of whichever token. */
  readonly app: AppSeen;
  /** Devices that have the app, by the product's own word. */
  readonly installedOn: (adamId: string) => number;
  /** Licences of the app in use, by the word of whoever keeps them. */
  readonly licensesUsed: (adamId: string) => number;
}

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startService(): Promise<TestService> {
  const service = await startTestService({
    plugins: [groupAssigner, commandSender],
    environment: { TARGET_HOSTS: "127.0.0.1", PUBLIC_URL: "http://127.0.0.1:4000" },
  });
  stops.push(service.stop);
  return service;
}

/** It assigns whole groups, replaces all, and owns its token: `licenseAuthority: "target"`. */
async function groupStage(): Promise<Stage> {
  const { api } = await startService();
  const product = await startGroupProduct();
  stops.push(product.stop);
  product.addApp("6440000001", 10);
  const members = Array.from({ length: DEVICES }, (_, index) => `d${index}`);
  for (const id of members) product.addDevice(id, null);
  product.addGroup("everything", "device", members);

  const target = await addTarget(api, "group-assigner", { url: product.url, apiKey: product.apiKey });
  await importHolders(api, target);
  const { syncRuns } = await api.ask<{ syncRuns: { nodes: { id: string; token: { id: string } }[] } }>(
    "query { syncRuns(first: 1) { nodes { id token { id } } } }",
  );
  const [run] = syncRuns.nodes;
  if (!run) throw new Error("The product's token was not mirrored");
  await synced(api, run.id);
  const [app] = await apps(api, run.token.id);
  if (!app) throw new Error("The product's apps were not mirrored");
  return {
    api,
    target,
    app,
    collection: await collectionNamed(api, "everything"),
    installedOn: (adamId) =>
      [...(product.apps.get(adamId)?.report.values() ?? [])].filter((row) => row.state === "installed").length,
    licensesUsed: (adamId) => product.apps.get(adamId)?.licenses.size ?? 0,
  };
}

/** It sends one command a device, lists nothing, and is heard by webhook only. */
async function commandStage(): Promise<Stage> {
  const service = await startService();
  const { api, apple, url } = service;
  const product = await startCommandProduct();
  stops.push(product.stop);
  const settings = { url: product.url, apiKey: product.apiKey, webhookSecret: product.webhookSecret };
  const target = await addTarget(api, "command-sender", settings);
  const { target: found } = await api.ask<{ target: { webhookUrl: string } }>(
    "query ($target: ID!) { target(id: $target) { webhookUrl } }",
    { target },
  );
  product.webhookUrl = `${url}${new URL(found.webhookUrl).pathname}`;
  for (let index = 0; index < DEVICES; index += 1) {
    await product.enroll({ id: `d${index}`, serial: `SERIAL${index}`, user: null });
  }
  const enrolled = await eventually(async () => {
    const seen = await devices(api);
    return seen.length === DEVICES ? seen : null;
  });
  const [app] = await apps(api, await addToken(api, apple.tokenFile));
  if (!app) throw new Error("No app came in");
  return {
    api,
    target,
    app,
    collection: await deviceCollection(
      api,
      "everything",
      enrolled.map(({ id }) => id),
    ),
    installedOn: (adamId) => [...product.installed.values()].filter((apps) => apps.has(adamId)).length,
    licensesUsed: (adamId) =>
      [...(apple.world.locations[0]?.assignments.rows ?? [])].filter(({ asset }) => asset.item.adamId === adamId)
        .length,
  };
}

describe.each([
  ["assigns whole groups, replaces all and owns its token", groupStage],
  ["sends a command a device and is heard by webhook only", commandStage],
])("an MDM that %s", (_, setStage) => {
  it("installs, reports, uninstalls and gives the licences back, by the same steps as any other", async () => {
    const { api, target, collection, app, installedOn, licensesUsed } = await setStage();
    const deployment = await deploy(api, { storeApp: app.id, collection, target, licensing: "DEVICE" });
    expect(countStates(await settled(api, deployment, ["INSTALLED"]))).toEqual({ INSTALLED: DEVICES });
    expect(installedOn(app.adamId)).toBe(DEVICES);
    expect(licensesUsed(app.adamId)).toBe(DEVICES);

    await changeAction(api, deployment, "UNINSTALL");
    expect(countStates(await settled(api, deployment, ["REMOVED"]))).toEqual({ REMOVED: DEVICES });
    expect(installedOn(app.adamId)).toBe(0);
    expect(licensesUsed(app.adamId)).toBe(0);
    await eventually(async () => {
      const seen = await appById(api, app.id);
      return seen.heldCount === 0 && seen.freeCount === seen.totalCount ? true : null;
    });
  });
});

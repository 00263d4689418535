import { afterAll, beforeAll, expect, it } from "vitest";
import { holdersAtApple } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { startTestService, type TestService } from "../support/service.js";
import {
  addTarget,
  addToken,
  appById,
  apps,
  changeAction,
  collectionNamed,
  deploy,
  importHolders,
  installations,
  settled,
} from "./story.js";

const DEVICES = 30;

let service: TestService;
let token: string;
let target: string;

beforeAll(async () => {
  service = await startTestService({ apple: { apps: 2, licenses: 200 } });
  target = await addTarget(service.api, "mock", {
    world: "flips",
    users: 0,
    devices: 0,
    userless: DEVICES,
    installMs: 20,
  });
  token = await addToken(service.api, service.apple.tokenFile);
  await importHolders(service.api, target);
});

afterAll(() => service.stop());

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

it("leaves no licence behind, at Apple or here, however often and whenever a deployment is turned to and fro", async () => {
  const { api, apple } = service;
  const [app] = await apps(api, token);
  if (!app) throw new Error("No app came in");
  const collection = await collectionNamed(api, "All devices");
  const deployment = await deploy(api, { storeApp: app.id, collection, target, licensing: "DEVICE" });
  for (const delay of [0, 5, 10, 20, 40, 80, 160, 320]) {
    await changeAction(api, deployment, "UNINSTALL");
    await pause(delay);
    await changeAction(api, deployment, "INSTALL");
    await pause(delay);
  }
  await changeAction(api, deployment, "UNINSTALL");

  expect(await settled(api, deployment, ["REMOVED", "CANCELLED"])).toHaveLength(DEVICES);
  await eventually(async () => ((await appById(api, app.id)).heldCount === 0 ? true : null));
  expect(holdersAtApple(apple, app.adamId)).toEqual([]);
});

it("ends with every device installed and licensed once when the last turn is to INSTALL", async () => {
  const { api, apple } = service;
  const [, app] = await apps(api, token);
  if (!app) throw new Error("No app came in");
  const collection = await collectionNamed(api, "All devices");
  const deployment = await deploy(api, { storeApp: app.id, collection, target, licensing: "DEVICE" });
  for (const delay of [0, 15, 60, 240]) {
    await pause(delay);
    await changeAction(api, deployment, "UNINSTALL");
    await pause(delay);
    await changeAction(api, deployment, "INSTALL");
  }

  await settled(api, deployment, ["INSTALLED"]);
  const holders = (await installations(api, deployment)).map((installation) => installation.license?.holderKey);
  expect(new Set(holders).size).toBe(DEVICES);
  expect([...holdersAtApple(apple, app.adamId)].sort()).toEqual([...holders].sort());
});

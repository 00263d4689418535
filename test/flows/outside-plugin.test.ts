import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EnrolledDevice, FakeProduct, StartFakeProduct } from "../../conformance/index.js";
import { writeSkeleton } from "../../new-plugin/write-skeleton.js";
import { type AppleSimulator, startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";
import { fillInFromReadme } from "../support/readme-plugin.js";
import { testEnvironment } from "../support/service.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";
import {
  addTarget,
  addToken,
  appById,
  apps,
  changeAction,
  deploy,
  deviceCollection,
  devices,
  importHolders,
  settled,
} from "./story.js";

const CHECK_IN_MS = 100;

let directory: string;
let database: TestDatabase;
let apple: AppleSimulator;
let product: FakeProduct;
let devicesAtWork: NodeJS.Timeout;
let service: ServiceProcess;
let log: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "outside-plugin-"));
  await writeSkeleton("acme", directory);
  await fillInFromReadme(directory);
  const module: { startFakeProduct: StartFakeProduct } = await import(
    pathToFileURL(join(directory, "fake-product.js")).href
  );
  const app = { adamId: "1", bundleId: "example.app", name: "App", licenses: 0 };
  product = await module.startFakeProduct({ webhookUrl: "http://127.0.0.1:9", pageSize: 2, app });
  devicesAtWork = setInterval(() => void product.checkIn(), CHECK_IN_MS);
  database = await createTestDatabase();
  apple = await startAppleSimulator({ apps: 1, licenses: 10 });
  log = [];
  service = await startServiceProcess(
    {
      ...testEnvironment(database.url, apple.baseUrl),
      ALLOTMENT_PLUGINS: join(directory, "acme.js"),
      TARGET_HOSTS: "127.0.0.1",
      LOG_LEVEL: "info",
    },
    { onLog: (line) => log.push(line) },
  );
});

afterEach(async () => {
  await service.kill();
  await apple.stop();
  await database.drop();
  clearInterval(devicesAtWork);
  await product.stop();
  await rm(directory, { recursive: true });
});

const serialsOf = (enrolled: readonly EnrolledDevice[]) => enrolled.map(({ serial }) => serial).sort();

async function hasApp(enrolled: readonly EnrolledDevice[], adamId: string): Promise<number> {
  const answers = await Promise.all(enrolled.map(({ externalId }) => product.hasApp(externalId, adamId)));
  return answers.filter(Boolean).length;
}

it("installs and removes through a plugin in one file outside, which the README shows", async () => {
  const { api } = service;
  const enrolled = await Promise.all(
    [1, 2, 3].map((number) => product.enroll({ hasUser: number === 1, refuses: false })),
  );
  const { plugins } = await api.ask<{ plugins: { name: string; abilities: unknown }[] }>(
    "{ plugins { name abilities { listsUsers listsCollections polls network } } }",
  );
  expect(plugins.find(({ name }) => name === "acme")?.abilities).toEqual({
    listsUsers: true,
    listsCollections: false,
    polls: true,
    network: true,
  });
  expect(log.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      plugins: expect.arrayContaining(["mock", "acme"]),
      fromOutside: [join(directory, "acme.js")],
    }),
  );
  const token = await addToken(api, apple.tokenFile);
  const target = await addTarget(api, "acme", product.settings(product.address ?? ""), "Acme");
  await importHolders(api, target);
  const known = await devices(api);
  expect(known.map(({ serial }) => serial).sort()).toEqual(serialsOf(enrolled));
  const [app] = await apps(api, token);
  const [storeApp, adamId] = [app?.id ?? "", app?.adamId ?? ""];
  const collection = await deviceCollection(
    api,
    "By hand",
    known.map(({ id }) => id),
  );
  const deployment = await deploy(api, { storeApp, collection, target, licensing: "DEVICE" });
  await settled(api, deployment, ["INSTALLED"]);
  expect(await hasApp(enrolled, adamId)).toBe(3);
  await changeAction(api, deployment, "UNINSTALL");
  await settled(api, deployment, ["REMOVED"]);
  expect(await hasApp(enrolled, adamId)).toBe(0);
  expect((await appById(api, storeApp)).heldCount).toBe(0);
});

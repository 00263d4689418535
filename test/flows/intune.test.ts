import { afterEach, beforeEach, expect, it } from "vitest";
import type { MobileApp } from "../../simulators/graph/model.js";
import { type GraphSimulator, startGraphSimulator } from "../../simulators/graph/start-graph-simulator.js";
import type { ApiClient } from "../support/api-client.js";
import { eventually } from "../support/eventually.js";
import { startTestService, type TestService } from "../support/service.js";
import {
  type AppSeen,
  addTarget,
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
  statesBecome,
  syncToken,
} from "./story.js";

/** A tenant of Intune as an admin of Allotment works it: its own token, whole groups, and devices that leave them. */

let service: TestService;
let intune: GraphSimulator;
let api: ApiClient;
let target: string;
let token: string;
let app: AppSeen;

beforeEach(async () => {
  intune = await startGraphSimulator({
    users: 3,
    devices: 6,
    userless: 2,
    apps: 1,
    licenses: 10,
    mixed: false,
    switches: { checkInDelayMs: 50, syncMs: 50, revokeMs: 50 },
  });
  service = await startTestService({ apple: { apps: 1, licenses: 1 }, environment: { TARGET_HOSTS: "127.0.0.1" } });
  api = service.api;
  const { tenantId, clientId, clientSecret, url } = intune;
  target = await addTarget(api, "intune", { tenantId, clientId, clientSecret, graphUrl: url, loginUrl: url });
  await importHolders(api, target);
  token = await ownToken();
  await syncToken(api, token);
  app = (await apps(api, token))[0] ?? expect.fail("The app did not come in");
});
afterEach(async () => {
  await service.stop();
  await intune.stop();
});

async function ownToken(): Promise<string> {
  const { tokens } = await api.ask<{ tokens: { nodes: { id: string; authority: string }[] } }>(
    "query { tokens(first: 10) { nodes { id authority } } }",
  );
  return tokens.nodes.find(({ authority }) => authority === "TARGET")?.id ?? expect.fail("No token was mirrored");
}

function atIntune(): MobileApp {
  return [...intune.world.apps.values()][0] ?? expect.fail("Intune has no app");
}

/** Names of the devices that have the app, by Intune's own word. */
function installed(): string[] {
  return [...atIntune().installed].map((id) => intune.world.devices.get(id)?.deviceName ?? id).sort();
}

const assignments = () =>
  atIntune().assignments.map(({ target: { groupId }, intent }) => `${nameOf(groupId)} ${intent}`);
const nameOf = (group: string | undefined) => intune.world.groups.get(group ?? "")?.displayName;
const FOREIGN = ["Foreign group required", "Policy set group required"];

async function control(call: string, input: object): Promise<void> {
  const answer = await fetch(`${intune.controlUrl}${call}`, { method: "POST", body: JSON.stringify(input) });
  if (!answer.ok) throw new Error(await answer.text());
}

async function deployTo(collection: string, licensing: "USER" | "DEVICE" = "DEVICE"): Promise<string> {
  const wish = { storeApp: app.id, collection, target, licensing, onLeave: "UNINSTALL" };
  return deploy(api, wish);
}

async function heldBecomes(count: number): Promise<void> {
  let seen: AppSeen | null = null;
  await eventually(
    async () => {
      seen = await appById(api, app.id);
      return seen.heldCount === count ? true : null;
    },
    () => seen,
  );
}

it("A group is deployed to as a whole, its licences are mirrored, and a flip brings them back", async () => {
  const deployment = await deployTo(await collectionNamed(api, "Pilot devices", target));
  expect(countStates(await settled(api, deployment, ["INSTALLED"]))).toEqual({ INSTALLED: 3 });
  expect(installed()).toEqual(["Device 1", "Device 2", "Device 3"]);
  expect(assignments()).toEqual([...FOREIGN, "Pilot devices required"]);
  await syncToken(api, token);
  await heldBecomes(3);
  await changeAction(api, deployment, "UNINSTALL");
  expect(countStates(await settled(api, deployment, ["REMOVED"]))).toEqual({ REMOVED: 3 });
  expect(assignments()).toEqual([...FOREIGN, "Pilot devices uninstall"]);
  await heldBecomes(0);
});

it("A device that leaves the group loses the app alone, and gets it again when it comes back", async () => {
  const deployment = await deployTo(await collectionNamed(api, "Pilot devices", target));
  await settled(api, deployment, ["INSTALLED"]);
  const serial = [...intune.world.devices.values()][0]?.serialNumber;
  await control("/change-members", { group: "Pilot devices", remove: [serial] });
  await importHolders(api, target);
  await statesBecome(api, deployment, { INSTALLED: 2, REMOVED: 1 });
  expect(installed()).toEqual(["Device 2", "Device 3"]);
  await control("/change-members", { group: "Pilot devices", add: [serial] });
  await importHolders(api, target);
  await statesBecome(api, deployment, { INSTALLED: 3 });
  expect(installed()).toEqual(["Device 1", "Device 2", "Device 3"]);
});

it("Devices that were chosen by hand are reached alone, without touching the groups of the tenant", async () => {
  const chosen = (await devices(api)).filter(({ user }) => user === null).map(({ id }) => id);
  const deployment = await deployTo(await deviceCollection(api, "By hand", chosen));
  expect(countStates(await settled(api, deployment, ["INSTALLED"]))).toEqual({ INSTALLED: 2 });
  expect(installed()).toEqual(["Device 5", "Device 6"]);
  const [own] = assignments().slice(2);
  expect(own).toMatch(/^Allotment: App 1 \(required, device licensing\) required$/);
  await importHolders(api, target);
  const { collections } = await api.ask<{ collections: { nodes: { name: string }[] } }>(
    "query { collections(first: 100) { nodes { name } } }",
  );
  expect(collections.nodes.filter(({ name }) => name.startsWith("Allotment"))).toEqual([]);
});

it("People get the app by their own licences on all their devices, and one without a user gets none", async () => {
  const deployment = await deployTo(await collectionNamed(api, "All devices", target), "USER");
  await settled(api, deployment, ["INSTALLED", "NOT_APPLICABLE", "NO_DEVICE", "FAILED"]);
  expect(installed()).toEqual(["Device 1", "Device 2", "Device 3", "Device 4"]);
  expect([...atIntune().licenses.values()].every(({ kind }) => kind === "user")).toBe(true);
  expect(atIntune().licenses.size).toBe(3);
});

it("More members than licences: the surplus fails, and says that there was none left", async () => {
  await control("/app", { app: "App 1", total: 2 });
  const deployment = await deployTo(await collectionNamed(api, "Pilot devices", target));
  await statesBecome(api, deployment, { INSTALLED: 2, FAILED: 1 });
  const { deployment: found } = await api.ask<{
    deployment: { installations: { nodes: { state: string; detail: string | null; remedy: string | null }[] } };
  }>("query ($id: ID!) { deployment(id: $id) { installations(first: 10) { nodes { state detail remedy } } } }", {
    id: deployment,
  });
  const failed = found.installations.nodes.find(({ state }) => state === "FAILED");
  expect(failed).toMatchObject({ detail: expect.stringMatching(/^NO_LICENSE:/), remedy: expect.any(String) });
});

/** Nothing of Allotment's stands at Intune any more. */
async function nothingStands(): Promise<void> {
  const groups = () =>
    [...intune.world.groups.values()].filter(({ displayName }) => displayName.startsWith("Allotment"));
  await eventually(
    async () => (assignments().length === FOREIGN.length && groups().length === 0 ? true : null),
    () => [assignments(), groups().map(({ displayName }) => displayName)],
  );
  expect(assignments()).toEqual(FOREIGN);
}

async function remove(deployment: string, onLeave: "KEEP" | "UNINSTALL" | "RECLAIM"): Promise<void> {
  await api.ask(
    `mutation ($deployment: ID!, $onLeave: OnLeave!) {
      deleteDeployment(input: { deployment: $deployment, onLeave: $onLeave }) { deployment { id } } }`,
    { deployment, onLeave },
  );
}

it("A deployment that is deleted takes the apps away, and then leaves nothing to the group", async () => {
  const deployment = await deployTo(await collectionNamed(api, "Pilot devices", target));
  await settled(api, deployment, ["INSTALLED"]);
  await remove(deployment, "UNINSTALL");
  await statesBecome(api, deployment, { REMOVED: 3 });
  expect(installed()).toEqual([]);
  await heldBecomes(0);
  await nothingStands();
});

it("A deployment that is deleted and keeps its apps leaves them to their devices, and who joins the group gets nothing", async () => {
  const deployment = await deployTo(await collectionNamed(api, "Pilot devices", target));
  await settled(api, deployment, ["INSTALLED"]);
  await remove(deployment, "KEEP");
  const alone = [...FOREIGN, "Allotment: App 1 (required, device licensing) required"];
  await eventually(
    async () => (assignments().join() === alone.join() ? true : null),
    () => assignments(),
  );
  const newcomer = [...intune.world.devices.values()].find(({ deviceName }) => deviceName === "Device 4");
  await control("/change-members", { group: "Pilot devices", add: [newcomer?.serialNumber] });
  await control("/check-in", {});
  expect(installed()).toEqual(["Device 1", "Device 2", "Device 3"]);
  expect(atIntune().licenses.size).toBe(3);
  expect(countStates(await settled(api, deployment, ["INSTALLED"]))).toEqual({ INSTALLED: 3 });

  await remove(deployment, "UNINSTALL");
  await statesBecome(api, deployment, { REMOVED: 3 });
  await heldBecomes(0);
  await nothingStands();
});

it("A group whose kept apps are deployed anew takes them over from the groups of Allotment's own", async () => {
  const pilots = await collectionNamed(api, "Pilot devices", target);
  const first = await deployTo(pilots);
  await settled(api, first, ["INSTALLED"]);
  await remove(first, "KEEP");
  await eventually(
    async () => (assignments().includes("Pilot devices required") ? null : true),
    () => assignments(),
  );
  const again = await deployTo(pilots);
  await settled(api, again, ["INSTALLED"]);
  expect(assignments()).toContain("Pilot devices required");
  const own = [...intune.world.groups.values()].filter(({ displayName }) => displayName.startsWith("Allotment"));
  expect(own.map(({ members }) => members.size)).toEqual([0]);
  expect(installed()).toEqual(["Device 1", "Device 2", "Device 3"]);
});

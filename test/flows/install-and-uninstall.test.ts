import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestService, type TestService } from "../support/service.js";
import {
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
  syncToken,
} from "./story.js";

const LEFT_OUT = ["NOT_APPLICABLE", "NO_DEVICE"];

let service: TestService;
let token: string;
let target: string;

beforeAll(async () => {
  service = await startTestService({ apple: { apps: 4, licenses: 100, domain: "allotment.example" } });
  target = await addTarget(service.api, "mock", {
    world: "install-and-uninstall",
    users: 6,
    devices: 9,
    userless: 2,
    invitedEvery: 0,
    installMs: 50,
  });
  token = await addToken(service.api, service.apple.tokenFile);
  await importHolders(service.api, target);
});

afterAll(() => service.stop());

/** What Apple itself holds for an app, whatever we believe. */
function heldAtApple(adamId: string): string[] {
  const assignments = [...(service.apple.world.locations[0]?.assignments.rows ?? [])];
  return assignments
    .filter(({ asset, removed }) => asset.item.adamId === adamId && !removed)
    .map(({ holder }) => (holder.kind === "device" ? holder.serialNumber : holder.clientUserId));
}

describe("the whole road, once", () => {
  it("installs on every device of a user collection, one licence a user, and returns them after the uninstall", async () => {
    const { api } = service;
    const [app] = await apps(api, token);
    if (!app) throw new Error("No app came in");
    const users = await collectionNamed(api, "All users");
    const deployment = await deploy(api, { storeApp: app.id, collection: users, target, licensing: "USER" });

    const installed = await settled(api, deployment, ["INSTALLED", ...LEFT_OUT]);
    expect(countStates(installed)).toEqual({ INSTALLED: 9 });
    expect(new Set(installed.map((seen) => seen.license?.id)).size).toBe(6);
    expect(heldAtApple(app.adamId)).toHaveLength(6);
    expect(await appById(api, app.id)).toMatchObject({ heldCount: 6, freeCount: app.totalCount - 6 });

    await changeAction(api, deployment, "UNINSTALL");
    expect(countStates(await settled(api, deployment, ["REMOVED"]))).toEqual({ REMOVED: 9 });
    expect(heldAtApple(app.adamId)).toEqual([]);
    expect(await appById(api, app.id)).toMatchObject({ heldCount: 0, freeCount: app.totalCount });
  });

  it("gives a device without a user no licence of a user, and says why", async () => {
    const { api } = service;
    const [, app] = await apps(api, token);
    if (!app) throw new Error("No app came in");
    const devices = await collectionNamed(api, "All devices");
    const deployment = await deploy(api, { storeApp: app.id, collection: devices, target, licensing: "USER" });

    const seen = await settled(api, deployment, ["INSTALLED", ...LEFT_OUT]);
    expect(countStates(seen)).toEqual({ INSTALLED: 9, NOT_APPLICABLE: 2 });
    const left = seen.filter((installation) => installation.state === "NOT_APPLICABLE");
    expect(left.map(({ reason, license, device }) => ({ reason, license, user: device?.user }))).toEqual([
      { reason: "NO_USER", license: null, user: null },
      { reason: "NO_USER", license: null, user: null },
    ]);
    expect(heldAtApple(app.adamId)).toHaveLength(6);
  });

  it("gives every device a licence of its own under device licensing, and takes them back", async () => {
    const { api } = service;
    const [, , app] = await apps(api, token);
    if (!app) throw new Error("No app came in");
    const devices = await collectionNamed(api, "All devices");
    const deployment = await deploy(api, { storeApp: app.id, collection: devices, target, licensing: "DEVICE" });

    const installed = await settled(api, deployment, ["INSTALLED", ...LEFT_OUT]);
    expect(countStates(installed)).toEqual({ INSTALLED: 11 });
    expect(heldAtApple(app.adamId).sort()).toEqual(installed.map((seen) => seen.device?.serial ?? "").sort());

    await changeAction(api, deployment, "UNINSTALL");
    await settled(api, deployment, ["REMOVED"]);
    expect(heldAtApple(app.adamId)).toEqual([]);
    await syncToken(api, token);
    expect(await appById(api, app.id)).toMatchObject({ heldCount: 0, assignedCount: 0 });
  });

  it("installs anew, with new licences, when an uninstall is turned back", async () => {
    const { api } = service;
    const [, , , app] = await apps(api, token);
    if (!app) throw new Error("No app came in");
    const devices = await collectionNamed(api, "All devices");
    const deployment = await deploy(api, { storeApp: app.id, collection: devices, target, licensing: "DEVICE" });
    await settled(api, deployment, ["INSTALLED"]);
    await changeAction(api, deployment, "UNINSTALL");
    await changeAction(api, deployment, "INSTALL");

    const seen = await settled(api, deployment, ["INSTALLED"]);
    expect(seen).toHaveLength(11);
    expect(heldAtApple(app.adamId)).toHaveLength(11);
    expect(await appById(api, app.id)).toMatchObject({ heldCount: 11 });
  });
});

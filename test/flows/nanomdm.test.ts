import { afterEach, describe, expect, it } from "vitest";
import type { DeviceKind } from "../../simulators/nanomdm/simulated-device.js";
import { type NanoMdmSimulator, startNanoMdmSimulator } from "../../simulators/nanomdm/start-nanomdm-simulator.js";
import type { SwitchesInput } from "../../simulators/nanomdm/switches.js";
import { rows } from "../../src/queries/sql.js";
import { addJob } from "../../src/sync/jobs.js";
import { controlApple, holdersAtApple } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { startTestService, type TestService } from "../support/service.js";
import {
  type AppSeen,
  addTarget,
  addToken,
  apps,
  changeAction,
  deploy,
  deviceCollection,
  devices,
  settled,
  statesBecome,
  syncToken,
} from "./story.js";

/** Allotment with a NanoMDM whose devices ask Apple for their licences, while things go wrong between them. */

const SERIALS = ["NANO00000001", "NANO00000002", "NANO00000003"];

interface Town extends TestService {
  readonly mdm: NanoMdmSimulator;
  readonly token: string;
  readonly app: AppSeen;
  readonly target: string;
  readonly collection: string;
  control(path: string, input?: object): Promise<void>;
  deployApp(wish?: {
    readonly licensing?: "USER" | "DEVICE";
    readonly onLeave?: "KEEP" | "UNINSTALL" | "RECLAIM";
  }): Promise<string>;
  /** The serial numbers of devices that have the app. */
  having(): string[];
}

let town: Town;
afterEach(async () => {
  await town.mdm.stop();
  await town.stop();
});

async function startTown(
  switches: SwitchesInput = {},
  kinds: readonly DeviceKind[] = ["iPhone"],
  enrolledBefore = false,
): Promise<Town> {
  const service = await startTestService({
    // With this seed the first app is for Macs, too.
    apple: { apps: 1, licenses: 20, seed: 7 },
    environment: { TARGET_HOSTS: "127.0.0.1", PUBLIC_URL: "http://127.0.0.1:4000" },
  });
  const { api, apple, url } = service;
  const mdm = await startNanoMdmSimulator({
    devices: 3,
    kinds,
    store: {
      bundleIdOf: async (adamId) => apple.world.catalog.find(adamId)?.bundleId,
      // A device's own licence, or one of the people, who have no serial numbers.
      hasLicense: async ({ serialNumber }, adamId) =>
        holdersAtApple(apple, adamId).some((holder) => holder === serialNumber || !SERIALS.includes(holder)),
    },
    switches: { replyDelayMs: 1, installMs: 50, removeMs: 5 },
  });
  const control = async (path: string, input: object = {}) => {
    const answer = await fetch(`${mdm.controlUrl}${path}`, { method: "POST", body: JSON.stringify(input) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  };
  const token = await addToken(api, apple.tokenFile);
  const [app] = await apps(api, token);
  if (!app) throw new Error("No app came in");
  const settings = { url: mdm.url, apiKey: mdm.apiKey, webhookSecret: mdm.webhookSecret };
  const target = await addTarget(api, "nanomdm", settings);
  const found = await api.ask<{ target: { webhookUrl: string } }>(
    "query ($target: ID!) { target(id: $target) { webhookUrl } }",
    { target },
  );
  await control("/webhook", { url: `${url}${new URL(found.target.webhookUrl).pathname}` });
  await control(enrolledBefore ? "/wake" : "/enroll");
  const known = await eventually(async () => {
    const seen = await devices(api);
    const isKnown = enrolledBefore || seen.every(({ serial }) => serial !== null);
    return seen.length === 3 && isKnown ? seen : null;
  });
  await control("/switches", switches);
  const members = known.map(({ id }) => id);
  const collection = await deviceCollection(api, "everything", members);
  return Object.assign(service, {
    mdm,
    token,
    app,
    target,
    collection,
    control,
    deployApp: (wish: object = {}) =>
      deploy(api, { storeApp: app.id, collection, target, licensing: "DEVICE", ...wish }),
    having: () => {
      const now = Date.now();
      const has = ({ apps: there }: (typeof mdm.world.devices)[number]) =>
        [...there.values()].some((one) => one.adamId === app.adamId && one.isInstalled(now));
      return mdm.world.devices.filter(has).map(({ serialNumber }) => serialNumber);
    },
  });
}

describe("apps by NanoMDM", () => {
  it("come and go though half of all webhooks are lost, others come twice, and none in order", async () => {
    town = await startTown({ webhookLoss: 0.5, webhookDuplicates: 0.3, webhookDelayMs: 20, webhookReorder: true });
    const deployment = await town.deployApp();
    await settled(town.api, deployment, ["INSTALLED"]);
    expect(town.having()).toEqual(SERIALS);
    expect(holdersAtApple(town.apple, town.app.adamId)).toEqual(SERIALS);
    await changeAction(town.api, deployment, "UNINSTALL");
    await settled(town.api, deployment, ["REMOVED"]);
    expect(town.having()).toEqual([]);
    expect(holdersAtApple(town.apple, town.app.adamId)).toEqual([]);
  });

  it("come to devices that had enrolled before, once they have told their serial numbers", async () => {
    town = await startTown({}, ["iPhone"], true);
    expect((await devices(town.api)).map(({ serial }) => serial)).toEqual([null, null, null]);
    const deployment = await town.deployApp();
    const mutation = "mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }";
    await town.api.ask(mutation, { target: town.target });
    await settled(town.api, deployment, ["INSTALLED"]);
    expect(town.having()).toEqual(SERIALS);
    expect(holdersAtApple(town.apple, town.app.adamId)).toEqual(SERIALS);
    await town.api.ask(mutation, { target: town.target });
    const asked = town.mdm.world.requests.entries.filter(({ body }) => body.includes("DeviceInformation"));
    expect(asked).toHaveLength(3);
  });

  it("wait for a device that is offline, which is sent each command once and few lists", async () => {
    town = await startTown();
    const [device] = town.mdm.world.devices;
    if (!device) throw new Error("There is no device");
    await town.control("/online", { device: device.id, online: false });
    const deployment = await town.deployApp();
    await statesBecome(town.api, deployment, { INSTALLED: 2, INSTALLING: 1 });
    const queued = town.mdm.world.enrollments.get(device.id)?.queue.open ?? [];
    expect(queued.filter(({ requestType }) => requestType === "InstallApplication")).toHaveLength(1);
    expect(queued.length).toBeLessThan(12);
    await town.control("/online", { device: device.id, online: true });
    await settled(town.api, deployment, ["INSTALLED"]);
    expect(town.having()).toEqual(SERIALS);
  });

  it("come also to devices that were silent for so long that the install has failed", async () => {
    town = await startTown();
    await town.control("/online", { online: false });
    const deployment = await town.deployApp();
    await statesBecome(town.api, deployment, { INSTALLING: 3 });
    const { dataSource } = town.database;
    await rows(dataSource, "UPDATE installation SET deadline_at = now()");
    await dataSource.transaction((tx) => addJob(tx, "sweep", {}));
    await statesBecome(town.api, deployment, { FAILED: 3 });
    await town.control("/switches", { installMs: 3_000 });
    await town.control("/online", { online: true });
    await settled(town.api, deployment, ["INSTALLED"]);
    expect(holdersAtApple(town.apple, town.app.adamId)).toEqual(SERIALS);
  });

  it("fail on a device whose licence somebody has taken away meanwhile, in its own words", async () => {
    town = await startTown();
    await town.control("/online", { online: false });
    const deployment = await town.deployApp();
    await statesBecome(town.api, deployment, { INSTALLING: 3 });
    await controlApple(town.apple, "/unassign", { adamId: town.app.adamId, serialNumber: SERIALS[1] });
    await town.control("/online", { online: true });
    const seen = await statesBecome(town.api, deployment, { INSTALLED: 2, FAILED: 1 });
    const failed = seen.find(({ state }) => state === "FAILED");
    expect(failed).toMatchObject({ reason: "REFUSED_BY_TARGET", device: { serial: SERIALS[1] } });
    const { installation } = await town.api.ask<{ installation: { detail: string } }>(
      "query ($id: ID!) { installation(id: $id) { detail } }",
      { id: failed?.id },
    );
    expect(installation.detail).toContain("No license was found");
  });

  it("fail on a device that checks out in the midst of it, which keeps its licence, and come once it has enrolled again", async () => {
    town = await startTown();
    const [device] = town.mdm.world.devices;
    await town.control("/online", { online: false });
    const deployment = await town.deployApp();
    await statesBecome(town.api, deployment, { INSTALLING: 3 });
    await town.control("/check-out", { device: device?.id });
    await town.control("/online", { online: true });
    const seen = await statesBecome(town.api, deployment, { INSTALLED: 2, FAILED: 1 });
    expect(seen.find(({ state }) => state === "FAILED")).toMatchObject({
      reason: "DEVICE_GONE",
      device: { serial: SERIALS[0] },
    });
    expect(holdersAtApple(town.apple, town.app.adamId)).toEqual(SERIALS);
    await town.control("/enroll", { device: device?.id });
    await statesBecome(town.api, deployment, { INSTALLED: 3 });
    expect(town.having()).toEqual(SERIALS);
    expect(holdersAtApple(town.apple, town.app.adamId)).toEqual(SERIALS);
  });

  it.each(["UNINSTALL", "RECLAIM"] as const)(
    "give the licence of a device that checks out in the midst of it back at once under %s, without a removal",
    async (onLeave) => {
      town = await startTown();
      const [device] = town.mdm.world.devices;
      await town.control("/online", { online: false });
      const deployment = await town.deployApp({ onLeave });
      await statesBecome(town.api, deployment, { INSTALLING: 3 });
      await town.control("/check-out", { device: device?.id });
      const seen = await statesBecome(town.api, deployment, { INSTALLING: 2, REMOVED: 1 });
      const gone = seen.find(({ state }) => state === "REMOVED");
      expect(gone).toMatchObject({ reason: "DEVICE_GONE", license: null, device: { serial: SERIALS[0] } });
      expect(holdersAtApple(town.apple, town.app.adamId)).toEqual(SERIALS.slice(1));
      const sent = town.mdm.world.requests.entries.map(({ body }) => body);
      expect(sent.filter((body) => body.includes("RemoveApplication"))).toEqual([]);
    },
  );

  it("by people's own licences begin with Apple's invitation, shown once to each on their Mac", async () => {
    town = await startTown({}, ["Mac"]);
    const deployment = await town.deployApp({ licensing: "USER" });
    await statesBecome(town.api, deployment, { WAITING_FOR_USER: 3 });
    const shown = () => town.mdm.world.devices.map(({ invitations }) => invitations);
    await eventually(async () => (shown().every((links) => links.length > 0) ? true : null), shown);
    const { appleUsers } = await town.api.ask<{
      appleUsers: { nodes: { clientUserId: string; invitationUrl: string }[] };
    }>("query { appleUsers(first: 10) { nodes { clientUserId invitationUrl } } }");
    expect(shown().flat().sort()).toEqual(appleUsers.nodes.map(({ invitationUrl }) => invitationUrl).sort());
    for (const { clientUserId } of appleUsers.nodes)
      await controlApple(town.apple, "/accept-invitation", { clientUserId });
    await syncToken(town.api, town.token);
    await statesBecome(town.api, deployment, { INSTALLED: 3 });
    expect(shown().flat()).toHaveLength(3);
  });

  it("that were gone before their removal count as removed, though the device answers with an error", async () => {
    town = await startTown();
    const deployment = await town.deployApp();
    await settled(town.api, deployment, ["INSTALLED"]);
    for (const { apps: there } of town.mdm.world.devices) there.clear();
    await changeAction(town.api, deployment, "UNINSTALL");
    await settled(town.api, deployment, ["REMOVED"]);
    expect(holdersAtApple(town.apple, town.app.adamId)).toEqual([]);
  });
});

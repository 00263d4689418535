import { afterEach, beforeEach, expect, test } from "vitest";
import type { StepOutcome } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { ADAM_ID, type Scene, setScene } from "./scene.js";

let scene: Scene;
beforeEach(async () => {
  scene = await setScene();
});
afterEach(() => scene.stop());

const apply = (...steps: ReturnType<Scene["step"]>[]) => scene.connection.apply(steps, CALM);
const site = () => scene.simulator.site;
const systemOf = (device: string) => site().systems.get(Number(device));
const deployments = () => [...site().assignments.rows.values()];
const ownCollections = () => [...site().collections.rows.values()].filter(({ name }) => name.startsWith("Allotment "));
const membersOf = (wish: string) => {
  const own = ownCollections().find(({ name }) => name.startsWith(`Allotment ${wish} `));
  return own?.rules.map(({ ResourceID }) => String(ResourceID)) ?? [];
};

function handleOf(outcomes: readonly StepOutcome[]): string {
  const [first] = outcomes;
  if (first?.outcome !== "accepted") throw new Error(`Not accepted: ${JSON.stringify(outcomes)}`);
  return first.handle;
}

async function installed(device: string): Promise<void> {
  await apply(scene.step(device));
  scene.settle();
}

/** As the core does with a step that is put off: the same key again, when the collection has been evaluated. */
async function removed(device: string): Promise<string> {
  const step = scene.step(device, "remove");
  await apply(step);
  scene.settle();
  const handle = handleOf(await apply(step));
  scene.settle();
  return handle;
}

test("an install is accepted, pending until the device has reported, and then installed", async () => {
  const [device = ""] = scene.devices;
  const handle = handleOf(await apply(scene.step(device)));
  expect(await scene.status(handle, device)).toMatchObject({ state: "pending" });
  scene.settle();
  expect(await scene.status(handle, device)).toMatchObject({ state: "installed" });
  expect([...(systemOf(device)?.installed ?? [])]).toEqual([ADAM_ID]);
});

test("an app is released, also twice: no deployment, no device in a collection of ours, and what devices have stays", async () => {
  const [a = "", b = ""] = scene.devices;
  await installed(a);
  await installed(b);
  await removed(b);
  const { app } = scene.step(a);
  const handle = await scene.connection.ensureApplication?.(app, CALM);
  const wish = { app: { ...app, applicationHandle: handle?.handle ?? null }, collection: null, others: [] };
  expect(deployments()).toHaveLength(2);
  await scene.connection.release?.(wish, CALM);
  await scene.connection.release?.(wish, CALM);
  scene.settle();
  expect(deployments()).toEqual([]);
  expect([...membersOf("install"), ...membersOf("uninstall")]).toEqual([]);
  expect([...(systemOf(a)?.installed ?? [])]).toEqual([ADAM_ID]);
  await installed(b);
  expect([...(systemOf(b)?.installed ?? [])]).toEqual([ADAM_ID]);
});

test("many devices share one collection, one deployment and one handle, and no other device gets the app", async () => {
  const [a = "", b = "", c = ""] = scene.devices;
  const outcomes = await apply(scene.step(a), scene.step(b));
  expect(new Set(outcomes.map((one) => one.outcome === "accepted" && one.handle)).size).toBe(1);
  scene.settle();
  expect(membersOf("install")).toEqual([a, b]);
  expect(deployments()).toHaveLength(1);
  expect(systemOf(c)?.installed.size).toBe(0);
});

test("several steps about one device are one rule, and each has its outcome, also while they have to wait", async () => {
  const [device = ""] = scene.devices;
  const installs = [scene.step(device), scene.step(device)];
  const outcomes = await apply(...installs);
  expect(outcomes.map(({ key }) => key)).toEqual(installs.map(({ key }) => key));
  expect(new Set(outcomes.map((one) => one.outcome === "accepted" && one.handle)).size).toBe(1);
  expect(membersOf("install")).toEqual([device]);
  scene.settle();
  scene.requests();
  await apply(...installs);
  expect(scene.requests().filter(({ method }) => method !== "GET")).toEqual([]);
  const removals = [scene.step(device, "remove"), scene.step(device, "remove")];
  expect(await apply(...removals)).toMatchObject(removals.map(({ key }) => ({ key, outcome: "deferred" })));
});

test("the same step again changes nothing and gives the same handle", async () => {
  const [device = ""] = scene.devices;
  const step = scene.step(device);
  const first = await apply(step);
  scene.settle();
  scene.requests();
  expect(await apply(step)).toEqual(first);
  expect(scene.requests().filter(({ method }) => method !== "GET")).toEqual([]);
});

test("a step whose answer was lost is completed when it comes again, without a second deployment", async () => {
  const [device = ""] = scene.devices;
  const step = scene.step(device);
  await scene.control("/fail-next", { class: "SMS_ApplicationAssignment", method: "POST", mode: "afterEffect" });
  await expect(apply(step)).rejects.toMatchObject({ kind: "transient" });
  handleOf(await apply(step));
  expect(deployments()).toHaveLength(1);
  expect(membersOf("install")).toEqual([device]);
});

test("a site that was not told to evaluate, since the call was lost, is told when the step comes again", async () => {
  await scene.control("/switches", { evaluation: "refresh" });
  const [device = ""] = scene.devices;
  const losing = () => scene.control("/fail-next", { class: "SMS_Collection", call: "RequestRefresh", mode: "drop" });
  const step = scene.step(device);
  await losing();
  await expect(apply(step)).rejects.toMatchObject({ kind: "transient" });
  const handle = handleOf(await apply(step));
  scene.settle();
  expect(await scene.status(handle, device)).toMatchObject({ state: "installed" });

  const removal = scene.step(device, "remove");
  await losing();
  await expect(apply(removal)).rejects.toMatchObject({ kind: "transient" });
  expect(await apply(removal)).toMatchObject([{ outcome: "deferred" }]);
  scene.settle();
  const removing = handleOf(await apply(removal));
  scene.settle();
  expect(await scene.status(removing, device)).toMatchObject({ state: "removed" });
});

test("a removal waits until the device has left the collection of installs, since an install would win", async () => {
  const [device = ""] = scene.devices;
  await installed(device);
  const step = scene.step(device, "remove");
  const [outcome] = await apply(step);
  expect(outcome).toMatchObject({ outcome: "deferred", reason: expect.stringContaining("not evaluated") });
  expect(membersOf("uninstall")).toEqual([]);
  scene.settle();
  handleOf(await apply(step));
  expect([membersOf("install"), membersOf("uninstall")]).toEqual([[], [device]]);
});

test("the success of a removal means that the app is absent", async () => {
  const [device = ""] = scene.devices;
  await installed(device);
  const handle = await removed(device);
  expect(await scene.status(handle, device)).toMatchObject({ state: "removed" });
  expect(systemOf(device)?.installed.size).toBe(0);
});

test("a removal from a device that never had the app comes to its end, too", async () => {
  const [device = ""] = scene.devices;
  const handle = handleOf(await apply(scene.step(device, "remove")));
  scene.settle();
  expect(await scene.status(handle, device)).toMatchObject({ state: "removed" });
});

test("an install after a removal takes the device out of the collection of removals", async () => {
  const [device = ""] = scene.devices;
  await installed(device);
  await removed(device);
  const handle = handleOf(await apply(scene.step(device)));
  scene.settle();
  expect([membersOf("install"), membersOf("uninstall")]).toEqual([[device], []]);
  expect(await scene.status(handle, device)).toMatchObject({ state: "installed" });
});

test("what the device said of an earlier install is not taken for news of the present one", async () => {
  const [device = ""] = scene.devices;
  await installed(device);
  await removed(device);
  const before = deployments().find(({ desired }) => desired === 1)?.AssignmentID;
  const handle = handleOf(await apply(scene.step(device)));
  expect(await scene.status(handle, device)).toMatchObject({ state: "pending" });
  const after = deployments().filter(({ desired }) => desired === 1);
  expect(after.map(({ AssignmentID }) => AssignmentID > (before ?? 0))).toEqual([true]);
});

test("a failed install that is tried anew begins anew, by a deployment of its own", async () => {
  const [device = ""] = scene.devices;
  const serial = systemOf(device)?.serial;
  await scene.control("/license", { serial, adamId: ADAM_ID, present: false });
  const handle = handleOf(await apply(scene.step(device)));
  scene.settle();
  expect(await scene.status(handle, device)).toMatchObject({ state: "failed", failure: { code: "NO_LICENSE" } });
  await scene.control("/license", { serial, adamId: ADAM_ID, present: true });
  const again = handleOf(await apply(scene.step(device)));
  expect(await scene.status(again, device)).toMatchObject({ state: "pending" });
  scene.settle();
  expect(await scene.status(again, device)).toMatchObject({ state: "installed" });
});

test("a device that the site does not know fails alone", async () => {
  const [device = ""] = scene.devices;
  const steps = [scene.step("999"), scene.step("not a number"), scene.step(device)];
  const outcomes = new Map((await apply(...steps)).map((outcome) => [outcome.key, outcome]));
  expect(steps.map(({ key }) => outcomes.get(key))).toMatchObject([
    { outcome: "failed", failure: { code: "DEVICE_UNKNOWN" } },
    { outcome: "failed", failure: { code: "DEVICE_UNKNOWN" } },
    { outcome: "accepted" },
  ]);
});

test("an install that somebody else requires stops a removal, with the name of the deployment", async () => {
  const [device = ""] = scene.devices;
  await installed(device);
  await scene.control("/create-deployment", { adamId: ADAM_ID, collection: "SCCM iPads", action: "install" });
  const [outcome] = await apply(scene.step(device, "remove"));
  expect(outcome).toMatchObject({
    outcome: "failed",
    failure: { code: "REJECTED_BY_TARGET", detail: expect.stringContaining("SCCM iPads") },
  });
});

test("deployments and collections of others stay as they are", async () => {
  const [device = ""] = scene.devices;
  await installed(device);
  await scene.control("/create-deployment", { adamId: ADAM_ID, collection: "All Users", action: "uninstall" });
  const foreign = deployments().at(-1);
  const others = JSON.stringify([...site().collections.rows.values()].filter(({ name }) => name.startsWith("SCCM")));
  const [, other = ""] = scene.devices;
  await apply(scene.step(other));
  await removed(device);
  expect(deployments()).toContain(foreign);
  expect(JSON.stringify([...site().collections.rows.values()].filter(({ name }) => name.startsWith("SCCM")))).toBe(
    others,
  );
});

test("a deployment of ours that somebody has changed is deleted and made anew", async () => {
  const [a = "", b = ""] = scene.devices;
  await apply(scene.step(a));
  const [present] = deployments();
  if (present)
    site().assignments.rows.set(present.AssignmentID, { ...present, given: { ...present.given, OfferTypeID: 2 } });
  await apply(scene.step(b));
  expect(deployments().map(({ given }) => given.OfferTypeID)).toEqual([0]);
});

test("a deployment of ours that somebody has deleted is made anew with the next step, and not known until then", async () => {
  const [a = "", b = ""] = scene.devices;
  const handle = handleOf(await apply(scene.step(a)));
  site().assignments.rows.clear();
  expect(await scene.status(handle, a)).toMatchObject({ state: "unknown" });
  await apply(scene.step(b));
  scene.settle();
  expect(await scene.status(handle, a)).toMatchObject({ state: "installed" });
});

test("a collection of ours that somebody has deleted is no error for who asks", async () => {
  const [device = ""] = scene.devices;
  const handle = handleOf(await apply(scene.step(device)));
  await scene.control("/remove-collection", { name: ownCollections()[0]?.name });
  expect(await scene.connection.poll([handle, "not ours", "{}"], CALM)).toEqual({ statuses: [], followUps: [] });
});

test("a site that takes one rule at a time gets one at a time, and one that it refuses fails alone", async () => {
  await scene.control("/switches", { ruleMethods: "single" });
  const [a = "", b = "", c = ""] = scene.devices;
  scene.requests();
  await apply(scene.step(a), scene.step(b));
  const paths = scene.requests().flatMap(({ path }) => /AdminService\.(AddMembershipRules?)$/.exec(path)?.[1] ?? []);
  expect(paths).toEqual(["AddMembershipRules", "AddMembershipRule", "AddMembershipRule"]);
  await scene.control("/fail-next", { class: "SMS_Collection", method: "POST", status: 400 });
  const [refused] = await apply(scene.step(c));
  expect(refused).toMatchObject({ outcome: "failed", failure: { code: "REJECTED_BY_TARGET" } });
});

test("a device that cannot be taken out of the collection of installs fails alone", async () => {
  const [a = "", b = ""] = scene.devices;
  await apply(scene.step(a), scene.step(b));
  scene.settle();
  await scene.control("/fail-next", { call: "DeleteMembershipRules", status: 400 });
  await scene.control("/fail-next", { call: "DeleteMembershipRule", status: 400 });
  const steps = [scene.step(a, "remove"), scene.step(b, "remove")];
  const outcomes = new Map((await apply(...steps)).map((outcome) => [outcome.key, outcome]));
  expect(steps.map(({ key }) => outcomes.get(key))).toMatchObject([
    { outcome: "failed", failure: { code: "REJECTED_BY_TARGET" } },
    { outcome: "deferred" },
  ]);
});

test("a release that knows no rules refuses the steps for good", async () => {
  await scene.control("/switches", { ruleMethods: "none" });
  const [device = ""] = scene.devices;
  const [outcome] = await apply(scene.step(device));
  expect(outcome).toMatchObject({ outcome: "failed", failure: { code: "REJECTED_BY_TARGET" } });
});

test("where one app cannot be dealt with now, the others' outcomes stand", async () => {
  const [a = "", b = ""] = scene.devices;
  const other = {
    adamId: "6440000002",
    bundleId: null,
    name: "Other",
    platforms: ["iOS"],
    applicationHandle: null,
    tokenExternalId: null,
  };
  await apply(scene.step(a));
  await scene.control("/fail-next", { class: "SMS_Application", method: "POST", status: 503 });
  const steps = [scene.step(b), scene.step(b, "install", { app: other })];
  const outcomes = await apply(...steps);
  expect(outcomes).toMatchObject([{ outcome: "accepted" }, { outcome: "deferred" }]);
});

/** A clock of which each look takes that many seconds. */
function slowClock(seconds: number): () => Date {
  let looks = 0;
  return () => new Date(Date.UTC(2030, 0, 1) + 1000 * seconds * looks++);
}

test("apps that one call has no time for are put off, and had by the next one", async () => {
  const [device = ""] = scene.devices;
  const connection = await scene.connect({}, { now: slowClock(30) });
  const steps = ["6440000001", "6440000002", "6440000003"].map((adamId) =>
    scene.step(device, "install", { app: { ...scene.step(device).app, adamId } }),
  );
  const outcomes = await connection.apply(steps, CALM);
  expect(outcomes).toHaveLength(3);
  expect(outcomes[0]).toMatchObject({ outcome: "accepted" });
  expect(outcomes.at(-1)).toMatchObject({ outcome: "deferred", reason: expect.stringContaining("time") });
  const rest = outcomes.flatMap(({ key, outcome }) => (outcome === "deferred" ? key : []));
  const again = await apply(...steps.filter(({ key }) => rest.includes(key)));
  expect(new Set(again.map(({ outcome }) => outcome))).toEqual(new Set(["accepted"]));
});

test("a poll that has no time for all handles answers those that it had, and begins elsewhere the next time", async () => {
  const [device = ""] = scene.devices;
  const apps = ["6440000001", "6440000002", "6440000003"].map((adamId) => ({ ...scene.step(device).app, adamId }));
  const outcomes = await apply(...apps.map((app) => scene.step(device, "install", { app })));
  const handles = outcomes.flatMap((one) => (one.outcome === "accepted" ? one.handle : []));
  const draws = [0, 0.99];
  const connection = await scene.connect({}, { now: slowClock(50), random: () => draws.shift() ?? 0 });
  const first = await connection.poll(handles, CALM);
  const second = await connection.poll(handles, CALM);
  expect([first, second].map(({ statuses }) => statuses.map(({ handle }) => handle))).toEqual([
    [handles[0]],
    [handles[2]],
  ]);
});

test("a poll that fails in the midst of it tells what it has read, and fails where that is nothing", async () => {
  const [device = ""] = scene.devices;
  const other = { ...scene.step(device).app, adamId: "6440000002" };
  const outcomes = await apply(scene.step(device), scene.step(device, "install", { app: other }));
  const handles = outcomes.flatMap((one) => (one.outcome === "accepted" ? one.handle : []));
  const connection = await scene.connect({}, { random: () => 0 });
  await scene.control("/forbid", { class: "SMS_AppDeploymentAssetDetails" });
  await expect(connection.poll(handles, CALM)).rejects.toMatchObject({ kind: "config" });
  // Of a deployment that is gone no details are asked for.
  for (const [id, { application }] of site().assignments.rows)
    if (application.adamId === ADAM_ID) site().assignments.rows.delete(id);
  expect((await connection.poll(handles, CALM)).statuses).toMatchObject([{ handle: handles[0], state: "unknown" }]);
});

test("a step to verify is done once the device has reported, and goes on until then", async () => {
  const [device = ""] = scene.devices;
  const handle = handleOf(await apply(scene.step(device)));
  const verify = () => apply(scene.step(device, "verify", { handle }));
  expect(await verify()).toMatchObject([{ outcome: "accepted", handle }]);
  scene.settle();
  expect(await verify()).toMatchObject([{ outcome: "done", observedAt: expect.any(Date) }]);
});

test("a device that is offline stays pending", async () => {
  const [device = ""] = scene.devices;
  await scene.control("/change-device", { serial: systemOf(device)?.serial, offline: true });
  const handle = handleOf(await apply(scene.step(device)));
  scene.settle();
  expect(await scene.status(handle, device)).toMatchObject({ state: "pending" });
});

test.each([
  [2002, "installing", undefined],
  [2011, "needs-user", "NEEDS_USER"],
  [2010, "pending", undefined],
  [3000, "failed", "NOT_SUPPORTED"],
  [3001, "failed", "NOT_SUPPORTED"],
  [4000, "unknown", undefined],
  [5002, "failed", "INSTALL_FAILED"],
  [5013, "failed", "NO_LICENSE"],
])("an enforcement state of %i is %s", async (code, state, failure) => {
  const [device = ""] = scene.devices;
  await scene.control("/outcome", { serial: systemOf(device)?.serial, adamId: ADAM_ID, code });
  const handle = handleOf(await apply(scene.step(device)));
  scene.settle();
  const status = await scene.status(handle, device);
  expect([status?.state, status?.failure?.code]).toEqual([state, failure]);
});

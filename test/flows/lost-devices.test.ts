import { afterEach, describe, expect, it } from "vitest";
import type { DeviceRecord } from "../../src/plugins/contract.js";
import { rows } from "../../src/queries/sql.js";
import { atRest } from "../support/at-rest.js";
import { deviceRecord, scriptedListing } from "../sync/holders/scripted-listing.js";
import { type Camp, serialOf, startCamp } from "./camp.js";
import { addTarget, changeAction, importHolders } from "./story.js";

/** Devices that their target reports wiped, retired or deleted, and what becomes of their licences. */

let camp: Camp;
afterEach(() => camp.stop());

async function tell(name: string, state: DeviceRecord["state"]): Promise<void> {
  const at = camp.devices.findIndex(({ externalId }) => externalId === name);
  const record = camp.devices[at];
  if (!record) throw new Error(`There is no device ${name}`);
  camp.devices[at] = { ...record, state };
  await camp.look();
}

it.each(["wiped", "retired", "deleted"] as const)(
  "A device that is %s keeps its licence under KEEP, and has the app installed anew with it when it is enrolled again",
  async (state) => {
    camp = await startCamp(["ann", "bob"]);
    const deployment = await camp.deployTo("all");
    const before = await camp.become(deployment, "bob", { state: "INSTALLED" });
    await camp.become(deployment, "ann", { state: "INSTALLED" });
    await tell("bob", state);
    await camp.become(deployment, "bob", { state: "FAILED", reason: "DEVICE_GONE", license: before.license });
    await camp.holdersBecome("ann", "bob");

    await tell("bob", "enrolled");
    await camp.become(deployment, "bob", { state: "INSTALLED", leftAt: null, license: before.license });
    const install = `install ${serialOf("bob")}`;
    expect(camp.orders.filter((order) => order.endsWith(serialOf("bob")))).toEqual([install, install]);
  },
);

it.each(["UNINSTALL", "RECLAIM"])(
  "Under %s the licence of a lost device returns without a removal, and a new one is claimed when it is back",
  async (onLeave) => {
    camp = await startCamp(["ann", "bob"]);
    const deployment = await camp.deployTo("all", { onLeave });
    await camp.become(deployment, "bob", { state: "INSTALLED" });
    await camp.become(deployment, "ann", { state: "INSTALLED" });
    await tell("bob", "wiped");
    await camp.become(deployment, "bob", { state: "REMOVED", reason: "DEVICE_GONE", license: null });
    await camp.holdersBecome("ann");
    expect(camp.orders).not.toContain(`remove ${serialOf("bob")}`);
    await tell("bob", "enrolled");
    await camp.become(deployment, "bob", { state: "INSTALLED", leftAt: null });
    await camp.holdersBecome("ann", "bob");
  },
);

it("A device that no listing names any more ends a removal that was awaited of it; one that is silent does not", async () => {
  camp = await startCamp(["ann", "bob"]);
  const deployment = await camp.deployTo("all");
  for (const name of ["ann", "bob"]) await camp.become(deployment, name, { state: "INSTALLED" });
  camp.holdsRemovals = true;
  await camp.api.ask(
    "mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { deployment { id } } }",
    { input: { deployment, action: "UNINSTALL" } },
  );
  for (const name of ["ann", "bob"]) await camp.become(deployment, name, { state: "REMOVING" });
  const [ann] = camp.devices;
  if (!ann) throw new Error("Ann is not there");
  camp.devices.splice(0, 2, { ...ann, lastSeenAt: new Date(Date.now() - 400 * 86_400_000) });
  camp.collections.set("all", ["ann"]);
  await camp.look();
  await camp.become(deployment, "bob", { state: "REMOVED" });
  await camp.holdersBecome("ann");
  await camp.become(deployment, "ann", { state: "REMOVING", leftAt: null });
});

it("A removal that a silent device has not confirmed in a day fails and keeps its licence, and is told again a day later", async () => {
  camp = await startCamp(["ann"]);
  const deployment = await camp.deployTo("all");
  const { license } = await camp.become(deployment, "ann", { state: "INSTALLED" });
  camp.holdsRemovals = true;
  await changeAction(camp.api, deployment, "UNINSTALL");
  const { id } = await camp.become(deployment, "ann", { state: "REMOVING" });
  await expect.poll(() => camp.held.size, { timeout: 30_000 }).toBe(1);
  await waitIsOver();
  await camp.become(deployment, "ann", { state: "REMOVAL_FAILED", reason: "TIMED_OUT", license });
  const { installation } = await camp.api.ask<{ installation: { detail: string; remedy: string } }>(
    "query ($id: ID!) { installation(id: $id) { detail remedy } }",
    { id },
  );
  expect(installation).toEqual({
    detail: expect.stringContaining("has not reported the outcome in time"),
    remedy: "It is tried again daily.",
  });
  await camp.holdersBecome("ann");

  camp.holdsRemovals = false;
  await waitIsOver();
  await camp.become(deployment, "ann", { state: "REMOVED", license: null });
  await camp.holdersBecome();
});

/** Lets the deadlines that installations have now be over. */
async function waitIsOver(): Promise<void> {
  await rows(camp.database.dataSource, "UPDATE installation SET deadline_at = now() WHERE deadline_at IS NOT NULL");
}

it("A device that is enrolled anew under another name, as its serial number tells, gets its app anew", async () => {
  camp = await startCamp(["ann", "bob"]);
  camp.collections.set("all", ["ann", "bob", "bob2"]);
  const deployment = await camp.deployTo("all");
  const before = await camp.become(deployment, "bob", { state: "INSTALLED" });
  const [, bob] = camp.devices;
  if (!bob) throw new Error("Bob is not there");
  camp.devices.splice(1, 1, { ...bob, externalId: "bob2" });
  await camp.look();
  const install = `install ${serialOf("bob")}`;
  await expect
    .poll(() => camp.orders.filter((order) => order === install).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(2);
  await camp.become(deployment, "bob", { state: "INSTALLED", leftAt: null, license: before.license });
});

describe("a device that two targets know", () => {
  /** Bob's device has the app through the camp. @returns the deployment. */
  async function openWithOther(): Promise<{ deployment: string; seeAtOther: () => Promise<void> }> {
    const { plugin, listing } = scriptedListing("other");
    camp = await startCamp(["ann", "bob"], {}, {}, [plugin]);
    const other = await addTarget(camp.api, "other", {});
    const deployment = await camp.deployTo("all", { onLeave: "UNINSTALL" });
    for (const name of ["ann", "bob"]) await camp.become(deployment, name, { state: "INSTALLED" });
    const seeAtOther = async () => {
      listing.device = [deviceRecord("4711", { serial: serialOf("bob"), lastSeenAt: new Date() })];
      await importHolders(camp.api, other);
    };
    return { deployment, seeAtOther };
  }

  it("has lost its apps where it is reported wiped, though the other has seen it since, until it is enrolled there again", async () => {
    const { deployment, seeAtOther } = await openWithOther();
    await seeAtOther();
    await tell("bob", "wiped");
    await camp.become(deployment, "bob", { state: "REMOVED", reason: "DEVICE_GONE", license: null });
    await camp.holdersBecome("ann");
    await tell("bob", "enrolled");
    await camp.become(deployment, "bob", { state: "INSTALLED", leftAt: null });
    await camp.holdersBecome("ann", "bob");
    expect(camp.orders).not.toContain(`remove ${serialOf("bob")}`);
  });

  it("has lost them there also where its member had left before, and a removal that was awaited is over", async () => {
    const { deployment, seeAtOther } = await openWithOther();
    camp.holdsRemovals = true;
    camp.collections.set("all", ["ann"]);
    await camp.look();
    await camp.become(deployment, "bob", { state: "REMOVING" });
    await seeAtOther();
    await tell("bob", "wiped");
    await camp.become(deployment, "bob", { state: "REMOVED", license: null });
    await camp.holdersBecome("ann");
  });

  it("gets nothing more where it was wiped when it is enrolled at the other", async () => {
    const { deployment, seeAtOther } = await openWithOther();
    await tell("bob", "wiped");
    await camp.become(deployment, "bob", { state: "REMOVED", reason: "DEVICE_GONE" });
    await seeAtOther();
    await camp.look();
    await atRest(camp.database.dataSource);
    await camp.become(deployment, "bob", { state: "REMOVED", reason: "DEVICE_GONE" });
    await camp.holdersBecome("ann");
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { controlApple } from "../support/control-apple.js";
import { type Camp, serialOf, startCamp } from "./camp.js";
import { drifts } from "./drift.js";
import { causesBecome } from "./explain.js";
import { reclaim } from "./leaks.js";
import { collectionNamed, syncToken } from "./story.js";

/** Who leaves a collection falls under the deployment's `onLeave`; who joins, or comes back, gets the app. */

let camp: Camp;
afterEach(() => camp.stop());

async function open(...names: string[]): Promise<void> {
  camp = await startCamp(names);
}

/** The MDM says who is in the collection now, and is listed. */
async function membersAre(...names: string[]): Promise<void> {
  camp.collections.set("all", names);
  await camp.look();
}

describe("a member who leaves", () => {
  it("keeps the app and its licence under KEEP, the default, and is as before when they come back", async () => {
    await open("ann", "bob");
    const deployment = await camp.deployTo("all");
    const before = await camp.become(deployment, "bob", { state: "INSTALLED" });
    await membersAre("ann");
    await camp.leave(deployment, "bob");
    await camp.become(deployment, "bob", { state: "INSTALLED", want: "PRESENT", license: before.license });
    await camp.holdersBecome("ann", "bob");

    await membersAre("ann", "bob");
    await camp.become(deployment, "bob", { state: "INSTALLED", leftAt: null, license: before.license });
    expect(camp.orders.filter((order) => order.endsWith(serialOf("bob")))).toEqual([`install ${serialOf("bob")}`]);
  });

  it("has the app removed and confirmed first under UNINSTALL, and gets it anew when they come back", async () => {
    await open("ann", "bob");
    const deployment = await camp.deployTo("all", { onLeave: "UNINSTALL" });
    await camp.become(deployment, "bob", { state: "INSTALLED" });
    camp.holdsRemovals = true;
    await membersAre("ann");
    await camp.become(deployment, "bob", { state: "REMOVING", want: "ABSENT" });
    await camp.holdersBecome("ann", "bob");
    await membersAre("ann", "bob");
    await camp.become(deployment, "bob", { state: "REMOVING", want: "PRESENT", leftAt: null });
    await membersAre("ann");
    await camp.become(deployment, "bob", { state: "REMOVING", want: "ABSENT" });
  });

  it("returns the licence when the removal is confirmed, and is licensed once when they come back", async () => {
    await open("ann", "bob");
    const deployment = await camp.deployTo("all", { onLeave: "UNINSTALL" });
    await camp.become(deployment, "bob", { state: "INSTALLED" });
    await membersAre("ann");
    await camp.become(deployment, "bob", { state: "REMOVED", license: null });
    await camp.holdersBecome("ann");
    await membersAre("ann", "bob");
    await camp.become(deployment, "bob", { state: "INSTALLED", leftAt: null });
    await camp.holdersBecome("ann", "bob");
    const { storeApp } = await camp.api.ask<{ storeApp: { heldCount: number } }>(
      "query ($id: ID!) { storeApp(id: $id) { heldCount } }",
      { id: camp.app.id },
    );
    expect(storeApp.heldCount).toBe(2);
  });

  it("returns the licence at once under RECLAIM, and everybody is told when the app ends", async () => {
    await open("ann", "bob");
    const deployment = await camp.deployTo("all", { onLeave: "RECLAIM" });
    await camp.become(deployment, "bob", { state: "INSTALLED" });
    await membersAre("ann");
    const left = await camp.become(deployment, "bob", { state: "REMOVED", reason: "RECLAIMED" });
    expect(Date.parse(left.appEndsBy ?? "")).toBeGreaterThan(Date.parse(left.leftAt ?? ""));
    await camp.holdersBecome("ann");
    expect(camp.orders.some((order) => order.startsWith("remove"))).toBe(false);
    const about = { installation: left.id };
    const chain = await causesBecome(camp.api, about, "UNINSTALL_WANTED", "LEFT", "RECLAIMED", "REMOVED");
    for (const { nextAction } of chain) expect(nextAction).not.toMatch(/retry/i);
  });

  it("and loses the licence to somebody else at Apple is told so, and the app is removed when that is wanted", async () => {
    await open("ann", "bob");
    const deployment = await camp.deployTo("all");
    await camp.become(deployment, "bob", { state: "INSTALLED" });
    await membersAre("ann");
    await camp.leave(deployment, "bob");
    const before = Date.now();
    await controlApple(camp.apple, "/unassign", { adamId: camp.app.adamId, serialNumber: serialOf("bob") });
    await syncToken(camp.api, camp.token);
    const lost = { state: "REMOVED", reason: "LICENSE_LOST", license: null };
    const { id, appEndsBy } = await camp.become(deployment, "bob", lost);
    expect(Date.parse(appEndsBy ?? "")).toBeGreaterThan(before);
    const chain = await causesBecome(camp.api, { installation: id }, "WANTED", "LEFT", "LICENSE_LOST", "REMOVED");
    expect(chain[2]).toMatchObject({ nextAction: "Find out who writes to this location at Apple." });
    // The app ends by itself, as where we have taken the licence back.
    expect(await drifts(camp.api)).toEqual([]);

    await camp.api.ask(
      "mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } } }",
      { input: { deployment, onLeave: "UNINSTALL" } },
    );
    await camp.become(deployment, "bob", { state: "REMOVED", reason: null });
    expect(camp.orders).toContain(`remove ${serialOf("bob")}`);
  });

  it("long before the licence is taken back has the app for as long after that as everybody is told", async () => {
    await open("ann", "bob");
    const deployment = await camp.deployTo("all");
    await camp.become(deployment, "bob", { state: "INSTALLED" });
    await membersAre("ann");
    await camp.leave(deployment, "bob");
    await camp.database.dataSource.query(
      "UPDATE installation SET left_at = left_at - interval '60 days', state_at = state_at - interval '60 days'",
    );
    const { deleteDeployment } = await camp.api.ask<{ deleteDeployment: { reclaimNotice: { appsEndBy: string } } }>(
      "mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { reclaimNotice { appsEndBy } } }",
      { input: { deployment, onLeave: "RECLAIM" } },
    );
    const { appEndsBy } = await camp.become(deployment, "bob", { state: "REMOVED", reason: "RECLAIMED" });
    expect(Date.parse(appEndsBy ?? "")).toBeGreaterThanOrEqual(Date.parse(deleteDeployment.reclaimNotice.appsEndBy));
  });
});

it("Who still wants the app is told as well when it ends, also where it had failed long before", async () => {
  await open("ann");
  const deployment = await camp.deployTo("all");
  const { license } = await camp.become(deployment, "ann", { state: "INSTALLED" });
  await camp.database.dataSource.query(
    "UPDATE installation SET state = 'FAILED', state_at = state_at - interval '60 days'",
  );
  const before = Date.now();
  await reclaim(camp.api, [license?.id ?? ""], { evenIfWanted: true });
  const { appEndsBy } = await camp.become(deployment, "ann", { state: "FAILED", reason: "RECLAIMED", leftAt: null });
  expect(Date.parse(appEndsBy ?? "")).toBeGreaterThan(before);
});

it("A member of a collection kept by hand leaves by mutation, and the payload says that the app ends", async () => {
  await open("ann", "bob");
  const { devices } = await camp.api.ask<{ devices: { nodes: { id: string; serial: string }[] } }>(
    "query { devices(first: 10) { nodes { id serial } } }",
  );
  const { createCollection } = await camp.api.ask<{ createCollection: { collection: { id: string } } }>(
    `mutation { createCollection(input: { name: "Hand", kind: DEVICE }) { collection { id } } }`,
  );
  const collection = createCollection.collection.id;
  const ids = devices.nodes.map(({ id }) => id);
  const change = (mutation: string, members: string[], fields = "collection { id }") =>
    camp.api.ask<Record<string, { reclaimNotice?: { message: string; appsEndBy: string } | null }>>(
      `mutation ($input: ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { ${fields} } }`,
      { input: { collection, devices: members } },
    );
  await change("addCollectionMembers", ids);
  const deployment = await camp.deployTo("Hand");
  for (const name of ["ann", "bob"]) await camp.become(deployment, name, { state: "INSTALLED" });
  const bob = devices.nodes.find(({ serial }) => serial === serialOf("bob"));
  const ann = devices.nodes.find(({ serial }) => serial === serialOf("ann"));

  const notice = "reclaimNotice { message appsEndBy }";
  const kept = await change("removeCollectionMembers", [ann?.id ?? ""], notice);
  expect(kept.removeCollectionMembers?.reclaimNotice).toBeNull();
  await camp.api.ask(
    "mutation ($input: UpdateDeploymentInput!) { updateDeployment(input: $input) { deployment { onLeave } } }",
    { input: { deployment, onLeave: "RECLAIM" } },
  );
  const removed = await change("removeCollectionMembers", [bob?.id ?? ""], notice);
  expect(removed.removeCollectionMembers?.reclaimNotice?.message).toContain("within 30 days");
  await camp.become(deployment, "bob", { state: "REMOVED", reason: "RECLAIMED" });
  await camp.holdersBecome("ann");
});

it("Who joins gets the app, and who leaves loses it, without anybody's doing", async () => {
  camp = await startCamp(["ann", "bob"], {}, { HOLDERS_CRON: "* * * * * *" });
  camp.collections.set("all", ["ann"]);
  await camp.look();
  const deployment = await camp.deployTo("all", { onLeave: "UNINSTALL" });
  await camp.become(deployment, "ann", { state: "INSTALLED" });
  await camp.holdersBecome("ann");
  camp.collections.set("all", ["bob"]);
  await camp.become(deployment, "bob", { state: "INSTALLED" });
  await camp.become(deployment, "ann", { state: "REMOVED" });
  await camp.holdersBecome("bob");
});

it("A listing that would take too many away at once lets nobody leave and raises an alert, until that is confirmed", async () => {
  const names = Array.from({ length: 24 }, (_, n) => `d${n}`);
  camp = await startCamp(names, { licenses: 40 });
  const deployment = await camp.deployTo("all", { onLeave: "RECLAIM" });
  for (const name of names) await camp.become(deployment, name, { state: "INSTALLED" });
  await membersAre("d0");
  const seen = await camp.installations(deployment);
  expect(seen.filter(({ state, leftAt }) => state === "INSTALLED" && leftAt === null)).toHaveLength(24);
  await camp.holdersBecome(...names);
  const alerts = async () => {
    const found = await camp.api.ask<{ alerts: { nodes: { kind: string; subject: string }[] } }>(
      "query { alerts(first: 10, filter: { open: true }) { nodes { kind subject } } }",
    );
    return found.alerts.nodes;
  };
  const collection = await collectionNamed(camp.api, "all");
  expect(await alerts()).toEqual([{ kind: "MEMBERS_SHRINK_HELD", subject: collection }]);
  await camp.api.ask(
    "mutation ($input: UpdateCollectionInput!) { updateCollection(input: $input) { collection { shrinkHeldAt } } }",
    { input: { collection, confirmShrink: true } },
  );
  await camp.look();
  await camp.holdersBecome("d0");
  expect(await alerts()).toEqual([]);
});

it("Whoever comes and goes while a deployment is turned to and fro ends as the last word says", async () => {
  await open("ann", "bob", "cid");
  const deployment = await camp.deployTo("all", { onLeave: "UNINSTALL" });
  const turn = (action: string) =>
    camp.api.ask(
      "mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { deployment { action } } }",
      { input: { deployment, action } },
    );
  for (let round = 0; round < 3; round++) {
    await turn("UNINSTALL");
    await membersAre("ann");
    await turn("INSTALL");
    await membersAre("ann", "cid");
    await turn("UNINSTALL");
    await turn("INSTALL");
  }
  await camp.become(deployment, "ann", { state: "INSTALLED", leftAt: null });
  await camp.become(deployment, "cid", { state: "INSTALLED", leftAt: null });
  await camp.leave(deployment, "bob");
  await camp.holdersBecome("ann", "cid");
});

import { afterEach, expect, it } from "vitest";
import { controlApple } from "../support/control-apple.js";
import { type Camp, serialOf, startCamp } from "./camp.js";
import { syncToken } from "./story.js";

/** An uninstall that meets an install of the same app on the same device. */

let camp: Camp;
afterEach(() => camp.stop());

async function open(): Promise<void> {
  camp = await startCamp(["ann", "bob"]);
  camp.collections.set("some", ["bob"]);
  await camp.look();
}

const remove = (deployment: string, onLeave: string) =>
  camp.api.ask("mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } } }", {
    input: { deployment, onLeave },
  });

const flip = (deployment: string) =>
  camp.api.ask(
    "mutation ($input: ChangeDeploymentActionInput!) { changeDeploymentAction(input: $input) { deployment { id } } }",
    { input: { deployment, action: "UNINSTALL" } },
  );

const ofToken = (mutation: "suspendToken" | "resumeToken") =>
  camp.api.ask(`mutation ($token: ID!) { ${mutation}(input: { token: $token }) { token { id } } }`, {
    token: camp.token,
  });

it("It is shown as a conflict that names the other deployment, and the install wins", async () => {
  await open();
  const install = await camp.deployTo("some");
  const { license } = await camp.become(install, "bob", { state: "INSTALLED" });
  const uninstall = await camp.deployTo("all", { action: "UNINSTALL" });
  await camp.become(uninstall, "bob", {
    state: "SUPERSEDED",
    reason: "KEPT_BY_INSTALL",
    keptBy: { id: install },
    license: null,
  });
  await camp.become(install, "bob", { state: "INSTALLED", license });
  expect(camp.orders).not.toContain(`remove ${serialOf("bob")}`);
});

it.each(["KEEP", "RECLAIM"])(
  "It goes on when the install is deleted under %s, and the licence returns with it",
  async (onLeave) => {
    await open();
    const install = await camp.deployTo("some");
    await camp.become(install, "bob", { state: "INSTALLED" });
    const uninstall = await camp.deployTo("all", { action: "UNINSTALL" });
    await camp.become(uninstall, "bob", { state: "SUPERSEDED" });
    await remove(install, onLeave);
    await camp.become(uninstall, "bob", { state: "REMOVED", keptBy: null });
    await camp.become(install, "bob", { state: "REMOVED" });
    await camp.holdersBecome();
    expect(camp.orders).toContain(`remove ${serialOf("bob")}`);
  },
);

it("An install that comes while the app is being removed waits for that, and is told then", async () => {
  await open();
  const first = await camp.deployTo("all");
  await camp.become(first, "bob", { state: "INSTALLED" });
  camp.holdsRemovals = true;
  await remove(first, "UNINSTALL");
  await camp.become(first, "bob", { state: "REMOVING" });
  const second = await camp.deployTo("some");
  await camp.become(second, "bob", { state: "LICENSED" });
  camp.holdsRemovals = false;
  await camp.become(first, "bob", { state: "REMOVED" });
  await camp.become(second, "bob", { state: "INSTALLED" });
  await camp.holdersBecome("bob");
  const told = camp.orders.filter((order) => order.endsWith(serialOf("bob")));
  expect(told.map((order) => order.split(" ")[0])).toEqual(["install", "remove", "install"]);
});

it("Two installs of one app on one device use one licence, which returns with the last", async () => {
  await open();
  const one = await camp.deployTo("all");
  const { license } = await camp.become(one, "bob", { state: "INSTALLED" });
  const two = await camp.deployTo("some");
  await camp.become(two, "bob", { state: "INSTALLED", license });
  await remove(one, "UNINSTALL");
  await camp.become(one, "bob", { state: "SUPERSEDED" });
  await camp.become(one, "ann", { state: "REMOVED" });
  await camp.holdersBecome("bob");
  await remove(two, "UNINSTALL");
  await camp.become(two, "bob", { state: "REMOVED" });
  await camp.holdersBecome();
});

it.each([
  ["is deleted", (deployment: string) => remove(deployment, "UNINSTALL")],
  ["is turned into an uninstall", (deployment: string) => flip(deployment)],
])(
  "An install that has no licence yet goes on with that of the one which %s, and it never goes back",
  async (_, end) => {
    await open();
    const first = await camp.deployTo("all");
    const { license } = await camp.become(first, "ann", { state: "INSTALLED" });
    const second = await camp.deployTo("some");
    await camp.become(second, "bob", { state: "INSTALLED" });
    await ofToken("suspendToken");
    camp.collections.set("some", ["ann", "bob"]);
    await camp.look();
    await camp.become(second, "ann", { state: "REQUESTED", license: null });
    await end(first);
    await camp.become(first, "ann", { state: "SUPERSEDED", license: null });
    await ofToken("resumeToken");
    await camp.become(second, "ann", { state: "INSTALLED", license });
    await camp.holdersBecome("ann", "bob");
    expect(camp.orders).not.toContain(`remove ${serialOf("ann")}`);
  },
);

/** What Apple is asked for now comes through when it is released. */
async function holdClaims(): Promise<() => Promise<void>> {
  await controlApple(camp.apple, "/switches", { eventDelayMs: 3_600_000 });
  return async () => {
    await controlApple(camp.apple, "/switches", { eventDelayMs: 0 });
    await controlApple(camp.apple, "/finish-events");
  };
}

it("An install that is turned into an uninstall while its licence is being claimed is superseded, and goes on later", async () => {
  await open();
  const release = await holdClaims();
  const uninstall = await camp.deployTo("some");
  const install = await camp.deployTo("all");
  await camp.become(uninstall, "bob", { state: "CLAIMING" });
  await camp.become(install, "bob", { state: "CLAIMING" });
  await flip(uninstall);
  await release();
  await camp.become(install, "bob", { state: "INSTALLED" });
  await camp.become(uninstall, "bob", { state: "SUPERSEDED", reason: "KEPT_BY_INSTALL", keptBy: { id: install } });
  await remove(install, "KEEP");
  await camp.become(uninstall, "bob", { state: "REMOVED" });
  expect(camp.orders).toContain(`remove ${serialOf("bob")}`);
});

it("It removes nothing either where the app was there before, and a lost licence was being claimed anew", async () => {
  await open();
  const uninstall = await camp.deployTo("some");
  const install = await camp.deployTo("all");
  await camp.become(uninstall, "bob", { state: "INSTALLED" });
  await camp.become(install, "bob", { state: "INSTALLED" });
  const release = await holdClaims();
  await controlApple(camp.apple, "/unassign", { adamId: camp.app.adamId, serialNumbers: [serialOf("bob")] });
  await syncToken(camp.api, camp.token);
  await camp.become(uninstall, "bob", { state: "CLAIMING" });
  await camp.become(install, "bob", { state: "CLAIMING" });
  await flip(uninstall);
  await release();
  await camp.become(uninstall, "bob", { state: "SUPERSEDED", reason: "KEPT_BY_INSTALL", keptBy: { id: install } });
  await camp.become(install, "bob", { state: "INSTALLED" });
  expect(camp.orders).not.toContain(`remove ${serialOf("bob")}`);
});

it("It goes on with the licence when the install that won has failed for good", async () => {
  await open();
  const uninstall = await camp.deployTo("some");
  const { license } = await camp.become(uninstall, "bob", { state: "INSTALLED" });
  camp.refusesInstalls = true;
  const install = await camp.deployTo("all");
  await camp.become(install, "bob", { state: "FAILED", license });
  await camp.become(install, "ann", { state: "FAILED" });
  await flip(uninstall);
  await camp.become(uninstall, "bob", { state: "SUPERSEDED", keptBy: { id: install } });
  camp.holdsRemovals = true;
  await camp.deadlinesPass();
  await camp.become(uninstall, "bob", { state: "REMOVING", license, keptBy: null });
  await camp.become(install, "bob", { state: "FAILED", license: null });
  await camp.holdersBecome("bob");
  camp.holdsRemovals = false;
  await camp.become(uninstall, "bob", { state: "REMOVED" });
  await camp.holdersBecome();
  expect(camp.orders).toContain(`remove ${serialOf("bob")}`);
});

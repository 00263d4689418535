import { afterEach, expect, it } from "vitest";
import { controlApple } from "../support/control-apple.js";
import { type Camp, serialOf, startCamp } from "./camp.js";
import { leaks } from "./leaks.js";
import { changeAction, collectionNamed, syncToken } from "./story.js";

/** A deployment that is deleted: what happens is said, done to the end, and can be read afterwards. */

let camp: Camp;
afterEach(() => camp.stop());

const FIELDS = `
  deployment { id deletedAt deletedBy onLeave installationCounts { state count left } }
  outcome { cancelled kept removing returning licensesKept licensesAfterRemoval licensesReturning licensesIrrevocable }
  reclaimNotice { message appsEndBy }`;

interface Deleted {
  readonly deployment: { id: string; deletedAt: string | null; onLeave: string };
  readonly outcome: Record<string, number>;
  readonly reclaimNotice: { message: string; appsEndBy: string } | null;
}

async function remove(deployment: string, input: Record<string, unknown> = {}): Promise<Deleted> {
  const { deleteDeployment } = await camp.api.ask<{ deleteDeployment: Deleted }>(
    `mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { ${FIELDS} } }`,
    { input: { deployment, ...input } },
  );
  return deleteDeployment;
}

async function listed(deleted?: boolean): Promise<string[]> {
  const { deployments } = await camp.api.ask<{ deployments: { nodes: { id: string }[] } }>(
    "query ($deleted: Boolean) { deployments(first: 10, filter: { deleted: $deleted }) { nodes { id } } }",
    { deleted: deleted ?? null },
  );
  return deployments.nodes.map(({ id }) => id);
}

it("Under KEEP the apps stay with their licences, and a new deployment of the same uses these", async () => {
  camp = await startCamp(["ann", "bob"]);
  const deployment = await camp.deployTo("all");
  const { license } = await camp.become(deployment, "bob", { state: "INSTALLED" });
  await camp.become(deployment, "ann", { state: "INSTALLED" });
  const deleted = await remove(deployment);
  expect(deleted).toMatchObject({
    outcome: { kept: 2, licensesKept: 2, removing: 0, licensesReturning: 0 },
    reclaimNotice: null,
    deployment: { deletedAt: expect.any(String), deletedBy: expect.any(String) },
  });
  expect(await listed()).toEqual([]);
  expect(await listed(true)).toEqual([deployment]);
  const { node } = await camp.api.ask<{ node: { id: string } }>("query ($id: ID!) { node(id: $id) { id } }", {
    id: deployment,
  });
  expect(node.id).toBe(deployment);
  await camp.holdersBecome("ann", "bob");

  const again = await camp.deployTo("all");
  await camp.become(again, "bob", { state: "INSTALLED", license });
  await camp.holdersBecome("ann", "bob");
});

it("Under UNINSTALL the licences return when the devices have confirmed, also if it is deleted twice", async () => {
  camp = await startCamp(["ann", "bob"]);
  const deployment = await camp.deployTo("all");
  for (const name of ["ann", "bob"]) await camp.become(deployment, name, { state: "INSTALLED" });
  camp.holdsRemovals = true;
  const first = await remove(deployment, { onLeave: "UNINSTALL", idempotencyKey: "once" });
  expect(first.outcome).toMatchObject({ removing: 2, licensesAfterRemoval: 2, kept: 0 });
  expect(await remove(deployment, { onLeave: "UNINSTALL", idempotencyKey: "once" })).toMatchObject({
    outcome: first.outcome,
  });
  expect((await remove(deployment)).outcome).toMatchObject({ removing: 0, kept: 0, returning: 0 });
  await camp.holdersBecome("ann", "bob");
  camp.devices.splice(0, 2, ...camp.devices.map((device) => ({ ...device, state: "wiped" as const })));
  await camp.look();
  await camp.become(deployment, "ann", { state: "REMOVED" });
  await camp.become(deployment, "bob", { state: "REMOVED" });
  await camp.holdersBecome();
});

it("Under RECLAIM the licences return at once, and the payload says when the apps end", async () => {
  camp = await startCamp(["ann", "bob"]);
  const deployment = await camp.deployTo("all");
  for (const name of ["ann", "bob"]) await camp.become(deployment, name, { state: "INSTALLED" });
  const { outcome, reclaimNotice } = await remove(deployment, { onLeave: "RECLAIM" });
  expect(outcome).toMatchObject({ returning: 2, licensesReturning: 2, removing: 0 });
  expect(reclaimNotice?.message).toContain("within 30 days");
  expect(Number.isNaN(Date.parse(reclaimNotice?.appsEndBy ?? ""))).toBe(false);
  await camp.become(deployment, "ann", { state: "REMOVED", reason: "RECLAIMED" });
  await camp.holdersBecome();
  expect(camp.orders.some((order) => order.startsWith("remove"))).toBe(false);
});

it("A deleted deployment can be changed no more, and blocks the removal of its target only until it has come to its end", async () => {
  camp = await startCamp(["ann"]);
  const deployment = await camp.deployTo("all");
  await camp.become(deployment, "ann", { state: "INSTALLED" });
  camp.holdsRemovals = true;
  await remove(deployment, { onLeave: "UNINSTALL" });
  const refused = async (mutation: string, input: Record<string, unknown>) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { errors } = await camp.api.send(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`,
      {
        input,
      },
    );
    return errors[0]?.extensions.code;
  };
  expect(await refused("changeDeploymentAction", { deployment, action: "UNINSTALL" })).toBe("CONFLICT");
  expect(await refused("updateDeployment", { deployment, onLeave: "KEEP" })).toBe("CONFLICT");
  expect(await refused("removeTarget", { target: camp.target })).toBe("CONFLICT");
  expect(await collectionNamed(camp.api, "all")).toBeTruthy();
  camp.devices.splice(0, 1, ...camp.devices.map((device) => ({ ...device, state: "deleted" as const })));
  await camp.look();
  await camp.become(deployment, "ann", { state: "REMOVED" });
  expect(await refused("removeTarget", { target: camp.target })).toBeUndefined();
});

it.each([
  ["is deleted under KEEP", (deployment: string) => remove(deployment, { onLeave: "KEEP" })],
  ["is deleted under UNINSTALL", (deployment: string) => remove(deployment, { onLeave: "UNINSTALL" })],
  ["is turned into an uninstall", (deployment: string) => changeAction(camp.api, deployment, "UNINSTALL")],
])(
  "A deployment whose app the MDM refuses to have is over at once when it %s, and its licences return",
  async (_, end) => {
    camp = await startCamp(["ann"]);
    camp.refusesApp = true;
    const deployment = await camp.deployTo("all");
    await camp.become(deployment, "ann", { state: "LICENSED" });
    await camp.holdersBecome("ann");
    await end(deployment);
    await camp.become(deployment, "ann", { state: "REMOVED", reason: null });
    await camp.holdersBecome();
  },
);

it("An uninstall that the MDM could never be told of ends with its deployment, and what holds a licence keeps it", async () => {
  camp = await startCamp(["ann"]);
  camp.refusesApp = true;
  await controlApple(camp.apple, "/assign", { adamId: camp.app.adamId, serialNumbers: [serialOf("ann")] });
  await syncToken(camp.api, camp.token);
  const deployment = await camp.deployTo("all", { action: "UNINSTALL" });
  const { license } = await camp.become(deployment, "ann", { state: "REMOVING" });
  expect(license).not.toBeNull();
  await remove(deployment, { onLeave: "UNINSTALL" });
  await camp.become(deployment, "ann", { state: "CANCELLED", license: null });
  expect((await leaks(camp.api)).map((leak) => leak.license.id)).toEqual([license?.id]);
  await camp.api.ask("mutation ($target: ID!) { removeTarget(input: { target: $target }) { __typename } }", {
    target: camp.target,
  });
});

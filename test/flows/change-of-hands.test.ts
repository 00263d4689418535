import { afterEach, describe, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { holdersAtApple } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { carryOut, plan } from "./plan.js";
import { collectionNamed, deploy, syncToken } from "./story.js";
import { phoneOf, resident, startTown, type Town } from "./town.js";

/** A device that changes hands moves its licence: claimed for the new user first, and only then back from the old one. */

const APP = "6440000001";

let town: Town;
afterEach(() => town.stop());

interface HandsSeen {
  readonly state: string;
  readonly reason: string | null;
  readonly generation: number;
  readonly leftAt: string | null;
  readonly holder: string | null;
}

/** The installation on the phone that was once that person's. */
async function phone(deployment: string, name: string): Promise<HandsSeen | null> {
  type Node = Omit<HandsSeen, "holder"> & {
    device: { serial: string } | null;
    license: { holderKey: string } | null;
  };
  const { installations } = await town.api.ask<{ installations: { nodes: Node[] } }>(
    `query ($deployment: ID!) { installations(first: 100, filter: { deployment: $deployment }) {
       nodes { state reason generation leftAt device { serial } license { holderKey } } } }`,
    { deployment },
  );
  const found = installations.nodes.find(({ device }) => device?.serial === phoneOf(name).serial?.toUpperCase());
  if (!found) return null;
  const { device, license, ...seen } = found;
  return { ...seen, holder: license?.holderKey ?? null };
}

async function phoneBecomes(deployment: string, name: string, expected: Partial<HandsSeen>): Promise<HandsSeen> {
  let seen: HandsSeen | null = null;
  return eventually(
    async () => {
      seen = await phone(deployment, name);
      const fields = Object.keys(expected) as (keyof HandsSeen)[];
      return seen && fields.every((field) => seen?.[field] === expected[field]) ? seen : null;
    },
    () => ({ expected, seen }),
  );
}

/** Under which Apple knows that person, once they are registered. */
async function idAtApple(name: string): Promise<string> {
  return eventually(async () => (await town.registrationsOf(name)).at(-1)?.clientUserId ?? null);
}

/** Waits until exactly these people hold the app, at Apple and here. */
async function heldBy(...names: string[]): Promise<void> {
  let seen: string[] = [];
  const expected = (await Promise.all(names.map(idAtApple))).sort();
  await eventually(
    async () => {
      seen = holdersAtApple(town.apple, APP);
      const { heldCount } = await town.app(APP);
      return JSON.stringify(seen) === JSON.stringify(expected) && heldCount === names.length ? true : null;
    },
    () => ({ expected, seen }),
  );
}

/** The MDM says that the phone of one person is another's now; null: nobody's. */
async function handOver(name: string, to: string | null): Promise<void> {
  town.devices = town.devices.map((device) =>
    device.externalId === phoneOf(name).externalId ? { ...device, userExternalId: to } : device,
  );
  await town.look();
}

async function deployment(input: Record<string, unknown> = {}): Promise<string> {
  const { id } = await town.app(APP);
  const { collections } = await town.api.ask<{ collections: { nodes: { id: string; name: string }[] } }>(
    "query { collections(first: 10) { nodes { id name } } }",
  );
  const collection = collections.nodes.find(({ name }) => name === "everybody")?.id ?? "";
  return deploy(town.api, { storeApp: id, collection, target: town.target, licensing: "USER", ...input });
}

/** A collection of people, kept by hand, with a deployment of the app to it. */
async function deploymentToPeople(name: string, input: Record<string, unknown> = {}): Promise<string> {
  const { users } = await town.api.ask<{ users: { nodes: { id: string; displayName: string }[] } }>(
    "query { users(first: 100) { nodes { id displayName } } }",
  );
  const { createCollection } = await town.api.ask<{ createCollection: { collection: { id: string } } }>(
    "mutation ($name: String!) { createCollection(input: { name: $name, kind: USER }) { collection { id } } }",
    { name: `of ${name}` },
  );
  const collection = createCollection.collection.id;
  await town.api.ask(
    "mutation ($input: AddCollectionMembersInput!) { addCollectionMembers(input: $input) { collection { id } } }",
    { input: { collection, users: users.nodes.filter(({ displayName }) => displayName === name).map(({ id }) => id) } },
  );
  return deployment({ collection, ...input });
}

async function accept(name: string): Promise<void> {
  const clientUserId = await eventually(async () => {
    const invited = (await town.registrationsOf(name)).at(-1);
    return invited?.status === "REGISTERED" ? invited.clientUserId : null;
  });
  await town.control("/accept-invitation", { clientUserId });
  await syncToken(town.api, town.token);
}

describe("a device that changes hands", () => {
  it("gets the app by the new user's licence, and the old one returns", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await phoneBecomes(everybody, "bob", { state: "INSTALLED" });
    const before = await phone(everybody, "ann");
    await handOver("ann", "bob");
    const after = await phoneBecomes(everybody, "ann", { state: "INSTALLED", holder: await idAtApple("bob") });
    expect(after.generation).toBe((before?.generation ?? 0) + 1);
    await heldBy("bob");
  });

  it("leaves the old user's licence where another device of theirs uses it", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    town.devices.push(phoneOf("ann", { externalId: "ann-pad", serial: "SERIAL-ANN-PAD" }));
    await town.look();
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await handOver("ann", "bob");
    await phoneBecomes(everybody, "ann", { state: "INSTALLED", holder: await idAtApple("bob") });
    await heldBy("ann", "bob");
  });

  it("gives the old user's licence back with an uninstall of what a deleted deployment has left, as its plan says", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    const former = await deployment();
    for (const name of ["ann", "bob"]) await phoneBecomes(former, name, { state: "INSTALLED" });
    await town.api.ask(
      "mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } } }",
      { input: { deployment: former, onLeave: "KEEP" } },
    );
    await handOver("ann", "bob");
    const planned = await plan(town.api, {
      storeApp: (await town.app(APP)).id,
      collection: await collectionNamed(town.api, "everybody"),
      target: town.target,
      action: "UNINSTALL",
    });
    expect(planned).toMatchObject({ licensesReturning: 2, stockBefore: { held: 2 }, stockAfter: { held: 0 } });
    const removal = await carryOut(town.api, planned.id);
    for (const name of ["ann", "bob"]) await phoneBecomes(removal, name, { state: "REMOVED" });
    await heldBy();
  });

  it("goes on with the old user's licence until the new user has accepted the invitation", async () => {
    town = await startTown([resident("ann"), resident("bob", { managedAppleId: null })]);
    town.devices = [phoneOf("ann")];
    await town.look();
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await handOver("ann", "bob");
    await phoneBecomes(everybody, "ann", { state: "WAITING_FOR_USER", reason: "INVITATION_OPEN", holder: null });
    await syncToken(town.api, town.token);
    await heldBy("ann");
    const leaks = await town.api.ask<{ leakedLicenses: { nodes: unknown[] } }>(
      "query { leakedLicenses(first: 10) { nodes { license { id } } } }",
    );
    expect(leaks.leakedLicenses.nodes).toEqual([]);
    await accept("bob");
    await phoneBecomes(everybody, "ann", { state: "INSTALLED", holder: await idAtApple("bob") });
    await heldBy("bob");
  });

  it("that comes back in the middle has its old licence again, and nothing else is held", async () => {
    town = await startTown([resident("ann"), resident("bob", { managedAppleId: null })]);
    town.devices = [phoneOf("ann")];
    await town.look();
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await handOver("ann", "bob");
    await phoneBecomes(everybody, "ann", { state: "WAITING_FOR_USER" });
    await handOver("ann", "ann");
    await phoneBecomes(everybody, "ann", { state: "INSTALLED", holder: await idAtApple("ann") });
    await accept("bob");
    await heldBy("ann");
  });

  it("moves its licence to the new user when no other is free", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    town.devices = [phoneOf("ann")];
    await town.look();
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    const { freeCount } = await town.app(APP);
    await town.control("/refund", { adamId: APP, count: freeCount });
    await syncToken(town.api, town.token);
    await handOver("ann", "bob");
    await phoneBecomes(everybody, "ann", { state: "INSTALLED", holder: await idAtApple("bob") });
    await heldBy("bob");
  });

  it("goes on with the old user's licence for a week where Apple refuses the new user, and no longer", async () => {
    town = await startTown([resident("ann"), resident("bob")], {
      switches: { badManagedAppleIds: ["bob@allotment.example"] },
    });
    town.devices = [phoneOf("ann")];
    await town.look();
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await handOver("ann", "bob");
    await phoneBecomes(everybody, "ann", { state: "NOT_APPLICABLE", reason: "REGISTRATION_REFUSED" });
    await heldBy("ann");
    await rows(town.database.dataSource, "UPDATE installation SET state_at = state_at - interval '7 days'");
    await heldBy();
    expect(await phone(everybody, "ann")).toMatchObject({ state: "NOT_APPLICABLE", reason: "REGISTRATION_REFUSED" });
  });

  it("has the app removed and the old licence returned when it is not wanted any more meanwhile", async () => {
    town = await startTown([resident("ann"), resident("bob", { managedAppleId: null })]);
    town.devices = [phoneOf("ann")];
    await town.look();
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await handOver("ann", "bob");
    await phoneBecomes(everybody, "ann", { state: "WAITING_FOR_USER" });
    await town.api.ask(
      "mutation ($deployment: ID!) { changeDeploymentAction(input: { deployment: $deployment, action: UNINSTALL }) { deployment { id } } }",
      { deployment: everybody },
    );
    await phoneBecomes(everybody, "ann", { state: "REMOVED" });
    await heldBy();
  });

  it("keeps its own licence, whoever has it", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    const everybody = await deployment({ licensing: "DEVICE" });
    const before = await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await handOver("ann", "bob");
    expect(await phone(everybody, "ann")).toEqual(before);
  });

  it("joins the people it belongs to now, and leaves those it belonged to", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    town.devices = [phoneOf("ann")];
    await town.look();
    const ofAnn = await deploymentToPeople("ann");
    const ofBob = await deploymentToPeople("bob");
    await phoneBecomes(ofAnn, "ann", { state: "INSTALLED" });
    await handOver("ann", "bob");
    await phoneBecomes(ofBob, "ann", { state: "INSTALLED", leftAt: null, holder: await idAtApple("bob") });
    await phoneBecomes(ofAnn, "ann", { state: "SUPERSEDED", holder: null });
    await heldBy("bob");
  });
});

describe("a device that has no user any more", () => {
  it("keeps the app under KEEP, with a licence that an admin may take back", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    const everybody = await deployment();
    await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
    await handOver("ann", null);
    const left = await eventually(async () => {
      const seen = await phone(everybody, "ann");
      return seen?.leftAt ? seen : null;
    });
    expect(left).toMatchObject({ state: "INSTALLED", holder: await idAtApple("ann") });
    const { reclaimCandidates } = await town.api.ask<{
      reclaimCandidates: { nodes: { license: { holderKey: string } }[] };
    }>("query { reclaimCandidates(first: 10) { nodes { license { holderKey } } } }");
    expect(reclaimCandidates.nodes).toContainEqual({ license: { holderKey: await idAtApple("ann") } });
    await handOver("ann", "bob");
    await phoneBecomes(everybody, "ann", { state: "INSTALLED", leftAt: null, holder: await idAtApple("bob") });
    await heldBy("bob");
  });

  it.each(["UNINSTALL", "RECLAIM"])(
    "cannot have it under %s: its licence returns, and it says NO_USER",
    async (onLeave) => {
      town = await startTown([resident("ann"), resident("bob")]);
      const everybody = await deployment({ onLeave });
      await phoneBecomes(everybody, "ann", { state: "INSTALLED" });
      await handOver("ann", null);
      await phoneBecomes(everybody, "ann", { state: "NOT_APPLICABLE", reason: "NO_USER", leftAt: null });
      await heldBy("bob");
      await handOver("ann", "bob");
      await phoneBecomes(everybody, "ann", { state: "INSTALLED", holder: await idAtApple("bob") });
      await heldBy("bob");
    },
  );
});

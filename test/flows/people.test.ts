import { afterEach, describe, expect, it } from "vitest";
import { holdersAtApple, postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { causesBecome } from "./explain.js";
import { countStates, installations, settled, statesBecome, syncToken } from "./story.js";
import { phoneOf, resident, startTown, type Town } from "./town.js";

const APP = "6440000001";

let town: Town;

afterEach(() => town.stop());

async function statusBecomes(name: string, statuses: readonly string[]) {
  return eventually(
    async () => {
      const seen = await town.registrationsOf(name);
      return JSON.stringify(seen.map(({ status }) => status).sort()) === JSON.stringify([...statuses].sort())
        ? seen
        : null;
    },
    () => statuses,
  );
}

interface OperationSeen {
  readonly intent: string;
  readonly state: string;
  readonly holders: {
    holderKey: string;
    outcome: string;
    errorNumber: number | null;
    detail: string;
    remedy: string;
  }[];
}

async function operations(intent: string): Promise<OperationSeen[]> {
  const { appleOperations } = await town.api.ask<{
    appleOperations: { nodes: (Omit<OperationSeen, "holders"> & { holders: { nodes: OperationSeen["holders"] } })[] };
  }>(
    `query ($intent: [AppleOperationIntent!]) { appleOperations(first: 100, filter: { intent: $intent }) {
       nodes { intent state holders(first: 50) { nodes { holderKey outcome errorNumber detail remedy } } } } }`,
    { intent: [intent] },
  );
  return appleOperations.nodes.map((operation) => ({ ...operation, holders: operation.holders.nodes }));
}

interface EventSeen {
  readonly kind: string;
  readonly cause: string;
  readonly actor: string;
}

async function licenseEvents(): Promise<EventSeen[]> {
  const { licenseEvents: found } = await town.api.ask<{ licenseEvents: { nodes: EventSeen[] } }>(
    "query { licenseEvents(first: 100) { nodes { kind cause actor } } }",
  );
  return found.nodes;
}

/** Lets a person go, device and all, and a week pass. */
async function leave(name: string): Promise<void> {
  town.people = town.people.filter(({ externalId }) => externalId !== name);
  town.devices = town.devices.filter(({ userExternalId }) => userExternalId !== name);
  await town.look();
  await town.age("8 days");
}

describe("people who need a registration with Apple", () => {
  it("are registered a hundred at a time, and read back a page at a time", async () => {
    const people = Array.from({ length: 300 }, (_, index) => resident(`p${index}`));
    town = await startTown(people);
    await town.control("/purchase", { adamId: APP, count: 400 });
    await syncToken(town.api, town.token);
    const before = town.apple.world.requests.entries.length;
    const deployment = await town.deployToAll(APP);
    await settled(town.api, deployment, ["INSTALLED"]);
    const requests = town.apple.world.requests.entries.slice(before).map(({ method, path }) => `${method} ${path}`);
    expect(requests.filter((request) => request.includes("POST") && request.includes("/users/create"))).toHaveLength(3);
    expect(requests.filter((request) => request.includes("/users?")).length).toBeLessThanOrEqual(6);
    expect(holdersAtApple(town.apple, APP)).toHaveLength(300);
  });

  it("go on at once with a managed account, and with an invitation when they have accepted it", async () => {
    town = await startTown([resident("ann"), resident("bob", { managedAppleId: null })]);
    const deployment = await town.deployToAll(APP);
    await statesBecome(town.api, deployment, { INSTALLED: 1, WAITING_FOR_USER: 1 });
    const [ann] = await town.registrationsOf("ann");
    const [bob] = await town.registrationsOf("bob");
    expect(ann).toMatchObject({ status: "ASSOCIATED", invitationUrl: null });
    expect(bob).toMatchObject({
      status: "REGISTERED",
      invitationUrl: expect.stringMatching(/[?&]inviteCode=[0-9a-f]{32}\b/),
    });
    await town.control("/accept-invitation", { clientUserId: bob?.clientUserId });
    await syncToken(town.api, town.token);
    await settled(town.api, deployment, ["INSTALLED"]);
    expect(await town.registrationsOf("bob")).toMatchObject([{ status: "ASSOCIATED", invitationUrl: null }]);
  });

  it("do not suffer for the one whose account Apple refuses, who is told why and what to do", async () => {
    town = await startTown([resident("ann"), resident("bob"), resident("cyd")], {
      switches: { badManagedAppleIds: ["bob@allotment.example"] },
    });
    const deployment = await town.deployToAll(APP);
    const seen = await statesBecome(town.api, deployment, { INSTALLED: 2, NOT_APPLICABLE: 1 });
    expect(seen.map(({ reason }) => reason)).toContain("REGISTRATION_REFUSED");
    expect(await town.registrationsOf("bob")).toMatchObject([{ status: "REFUSED" }]);
    const [operation] = await operations("CREATE_USERS");
    expect(operation?.state).toBe("DONE");
    expect(operation?.holders.filter(({ outcome }) => outcome === "FAILED")).toEqual([
      {
        holderKey: expect.any(String),
        outcome: "FAILED",
        errorNumber: 9635,
        detail: "The Managed Apple Account cannot be linked to this user.",
        remedy: "Check that the account exists in the organization that owns the token.",
      },
    ]);
    const installation = seen.find(({ state }) => state === "NOT_APPLICABLE")?.id ?? "";
    const [, refused] = await causesBecome(town.api, { installation }, "WANTED", "REGISTRATION_REFUSED");
    expect(refused).toMatchObject({
      evidence: expect.stringContaining("The Managed Apple Account cannot be linked to this user."),
      nextAction: "Check that the account exists in the organization that owns the token.",
    });
  });

  it("do not suffer for the one whose e-mail address makes Apple refuse the whole request", async () => {
    const people = Array.from({ length: 12 }, (_, index) => resident(`p${index}`, { managedAppleId: null }));
    town = await startTown([...people, resident("bad", { email: "nobody at all", managedAppleId: null })]);
    const deployment = await town.deployToAll(APP);
    await statesBecome(town.api, deployment, { WAITING_FOR_USER: 12, NOT_APPLICABLE: 1 });
    expect(await town.registrationsOf("bad")).toMatchObject([{ status: "REFUSED" }]);
    await statusBecomes("p7", ["REGISTERED"]);
    const failed = (await operations("CREATE_USERS")).flatMap(({ holders }) =>
      holders.filter(({ outcome }) => outcome === "FAILED"),
    );
    expect(failed).toMatchObject([{ errorNumber: 9717, remedy: "Correct the user's e-mail address." }]);
  });
});

describe("a person who has left", () => {
  it("is retired at Apple after a week, the licences returned first and by us", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    await settled(town.api, await town.deployToAll(APP), ["INSTALLED"]);
    await leave("bob");
    await statusBecomes("bob", ["RETIRED"]);
    await statusBecomes("ann", ["ASSOCIATED"]);
    expect(holdersAtApple(town.apple, APP)).toHaveLength(1);
    expect(await town.app(APP)).toMatchObject({ heldCount: 1 });
    const posts = postsTo(town.apple);
    expect(posts.indexOf("/assets/disassociate")).toBeLessThan(posts.indexOf("/users/retire"));
    await syncToken(town.api, town.token);
    const ends = (await licenseEvents()).filter(({ kind }) => kind !== "STARTED");
    expect(ends).toMatchObject([{ cause: "DEPLOYMENT", actor: "departure" }]);
  });

  it("keeps everything while the week lasts, and when they are back before it is over", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    const deployment = await town.deployToAll(APP);
    await settled(town.api, deployment, ["INSTALLED"]);
    const everybody = [...town.people];
    town.people = everybody.slice(0, 1);
    await town.look();
    await town.age("6 days");
    town.people = everybody;
    await town.look();
    await town.age("8 days");
    await syncToken(town.api, town.token);
    expect(await town.registrationsOf("bob")).toMatchObject([{ status: "ASSOCIATED" }]);
    expect(countStates(await installations(town.api, deployment))).toEqual({ INSTALLED: 2 });
    expect(postsTo(town.apple)).not.toContain("/users/retire");
  });

  it("keeps the licence that a managed device of theirs still uses", async () => {
    town = await startTown([resident("ann"), resident("bob"), resident("cyd")]);
    await settled(town.api, await town.deployToAll(APP), ["INSTALLED"]);
    town.people = town.people.slice(0, 1);
    town.devices = town.devices.filter(({ userExternalId }) => userExternalId !== "cyd");
    await town.look();
    await town.age("8 days");
    await statusBecomes("cyd", ["RETIRED"]);
    expect(await town.registrationsOf("bob")).toMatchObject([{ status: "ASSOCIATED" }]);
    expect(holdersAtApple(town.apple, APP)).toHaveLength(2);
  });

  it("leaves a device to the next user, who gets a licence of their own", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    const deployment = await town.deployToAll(APP);
    await settled(town.api, deployment, ["INSTALLED"]);
    const [ann] = await town.registrationsOf("ann");
    town.people = town.people.slice(0, 1);
    town.devices = [phoneOf("ann"), phoneOf("bob", { userExternalId: "ann" })];
    await town.look();
    await town.age("8 days");
    await statusBecomes("bob", ["RETIRED"]);
    const seen = await statesBecome(town.api, deployment, { INSTALLED: 2 });
    expect(new Set(seen.map(({ license }) => license?.holderKey))).toEqual(new Set([ann?.clientUserId]));
  });

  it("is registered anew when they come back later, and gets the app again", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    const deployment = await town.deployToAll(APP);
    await settled(town.api, deployment, ["INSTALLED"]);
    await leave("bob");
    const [old] = await statusBecomes("bob", ["RETIRED"]);
    town.people.push(resident("bob"));
    town.devices.push(phoneOf("bob"));
    await town.look();
    const both = await statusBecomes("bob", ["ASSOCIATED", "RETIRED"]);
    const fresh = both.find(({ status }) => status === "ASSOCIATED");
    expect(fresh?.clientUserId).not.toBe(old?.clientUserId);
    await statesBecome(town.api, deployment, { INSTALLED: 2 });
    expect(holdersAtApple(town.apple, APP)).toContain(fresh?.clientUserId);
  });

  it("keeps what cannot be taken back, with the retired registration", async () => {
    town = await startTown([resident("ann"), resident("bob")], { apps: 12, licenses: 300 });
    await settled(town.api, await town.deployToAll("6430000003"), ["INSTALLED"]);
    const [bob] = await town.registrationsOf("bob");
    await leave("bob");
    await statusBecomes("bob", ["RETIRED"]);
    await syncToken(town.api, town.token);
    const { licenses } = await town.api.ask<{ licenses: { nodes: { holderKey: string; state: string }[] } }>(
      "query { licenses(first: 100, filter: { open: true, holderKind: USER }) { nodes { holderKey state } } }",
    );
    expect(licenses.nodes).toContainEqual({ holderKey: bob?.clientUserId, state: "HELD" });
    const { alerts } = await town.api.ask<{ alerts: { nodes: { kind: string }[] } }>(
      "query { alerts(first: 10, filter: { open: true }) { nodes { kind } } }",
    );
    expect(alerts.nodes).toEqual([]);
  });

  it("is not retired with a token that may not write, but when it may again", async () => {
    town = await startTown([resident("ann"), resident("bob")]);
    await settled(town.api, await town.deployToAll(APP), ["INSTALLED"]);
    await town.api.ask("mutation ($token: ID!) { suspendToken(input: { token: $token }) { token { id } } }", {
      token: town.token,
    });
    await leave("bob");
    const posts = postsTo(town.apple).length;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(postsTo(town.apple)).toHaveLength(posts);
    expect(await operations("RETIRE_USERS")).toEqual([]);
    await town.api.ask("mutation ($token: ID!) { resumeToken(input: { token: $token }) { token { id } } }", {
      token: town.token,
    });
    await statusBecomes("bob", ["RETIRED"]);
  });
});

describe("a holder at Apple whom nobody knows", () => {
  it("stays visible by the key that Apple has", async () => {
    town = await startTown([resident("ann")], { users: 3 });
    const stranger = [...(town.apple.world.locations[0]?.users.rows ?? [])][0]?.clientUserId ?? "";
    await town.control("/assign", { adamId: APP, serialNumber: "NOBODYS0001" });
    await town.control("/assign", { adamId: APP, clientUserId: stranger });
    await syncToken(town.api, town.token);
    const { licenses } = await town.api.ask<{ licenses: { nodes: unknown[] } }>(
      `query { licenses(first: 10, filter: { open: true }) {
         nodes { holderKind holderKey device { id } appleUser { clientUserId user { id } } } } }`,
    );
    expect(licenses.nodes).toHaveLength(2);
    expect(licenses.nodes).toContainEqual({
      holderKind: "DEVICE",
      holderKey: "NOBODYS0001",
      device: null,
      appleUser: null,
    });
    expect(licenses.nodes).toContainEqual({
      holderKind: "USER",
      holderKey: stranger,
      device: null,
      appleUser: { clientUserId: stranger, user: null },
    });
  });
});

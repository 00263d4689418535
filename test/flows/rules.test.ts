import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { readAll } from "./health.js";
import { type Office, type OfficeOptions, startOffice } from "./office.js";
import {
  changeAction,
  countStates,
  deviceCollection,
  devices,
  type InstallationSeen,
  installations,
  statesBecome,
  syncToken,
} from "./story.js";

let office: Office;

afterEach(() => office.stop());

async function open(options: OfficeOptions): Promise<void> {
  office = await startOffice(options);
}

function serialsOf(seen: readonly InstallationSeen[], state: string): string[] {
  return seen.flatMap(({ device, state: is }) => (is === state ? (device?.serial ?? []) : [])).sort();
}

describe("when licences run out", () => {
  it("some wait, and get theirs by themselves once more were bought", async () => {
    await open({ licenses: 3, mock: { userless: 5 } });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 3, WAITING_FOR_LICENSE: 2 });
    const waiting = seen.filter(({ state }) => state === "WAITING_FOR_LICENSE");
    expect(waiting.map(({ reason, license }) => ({ reason, license }))).toEqual([
      { reason: "OUT_OF_STOCK", license: null },
      { reason: "OUT_OF_STOCK", license: null },
    ]);
    expect(office.holders()).toEqual(serialsOf(seen, "INSTALLED"));
    expect(await office.counts()).toMatchObject({ heldCount: 3, freeCount: 0 });

    await office.buy(2);
    await syncToken(office.api, office.token);
    const all = await statesBecome(office.api, deployment, { INSTALLED: 5 });
    expect(office.holders()).toEqual(serialsOf(all, "INSTALLED"));
  });

  it("those that somebody took at Apple behind our back are waited for, too", async () => {
    await open({ licenses: 4, mock: { userless: 4 } });
    for (const serialNumber of ["FOREIGN00001", "FOREIGN00002", "FOREIGN00003"]) {
      await office.control("/assign", { adamId: office.app.adamId, serialNumber });
    }
    const deployment = await office.deployTo("All devices", "DEVICE");
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 1, WAITING_FOR_LICENSE: 3 });
    const [lucky] = serialsOf(seen, "INSTALLED");
    expect(office.holders()).toEqual(["FOREIGN00001", "FOREIGN00002", "FOREIGN00003", lucky].sort());
    const { appleOperations } = await office.api.ask<{
      appleOperations: { nodes: { holders: { nodes: { outcome: string; errorNumber: number | null }[] } }[] };
    }>(
      "query { appleOperations(filter: { intent: [ASSOCIATE] }) { nodes { holders { nodes { outcome errorNumber } } } } }",
    );
    const outcomes = appleOperations.nodes.flatMap(({ holders }) => holders.nodes);
    expect(outcomes.filter(({ outcome }) => outcome === "DONE")).toHaveLength(1);
    expect(outcomes).toContainEqual({ outcome: "FAILED", errorNumber: 9709 });

    await office.control("/unassign", { adamId: office.app.adamId, serialNumber: "FOREIGN00001" });
    await syncToken(office.api, office.token);
    await statesBecome(office.api, deployment, { INSTALLED: 2, WAITING_FOR_LICENSE: 2 });
  });
});

describe("one need, one licence", () => {
  it("is shared by two deployments on one device, and goes back when neither wants the app any more", async () => {
    await open({ licenses: 10, mock: { userless: 3 } });
    const [one, both, other] = (await devices(office.api)).sort((a, b) => a.serial.localeCompare(b.serial));
    if (!one || !both || !other) throw new Error("There are no three devices");
    await deviceCollection(office.api, "Here", [one.id, both.id]);
    await deviceCollection(office.api, "There", [both.id, other.id]);
    const here = await office.deployTo("Here", "DEVICE");
    const installedHere = await statesBecome(office.api, here, { INSTALLED: 2 });
    const there = await office.deployTo("There", "DEVICE");
    const installed = [...installedHere, ...(await statesBecome(office.api, there, { INSTALLED: 2 }))];
    expect(new Set(installed.map(({ license }) => license?.id)).size).toBe(3);
    expect(office.holders()).toEqual([one.serial, both.serial, other.serial]);

    await changeAction(office.api, here, "UNINSTALL");
    await statesBecome(office.api, here, { REMOVED: 1, SUPERSEDED: 1 });
    expect(office.holders()).toEqual([both.serial, other.serial]);
    expect(countStates(await installations(office.api, there))).toEqual({ INSTALLED: 2 });
    expect((await office.orders()).filter(({ action }) => action === "remove")).toHaveLength(1);

    await changeAction(office.api, there, "UNINSTALL");
    await statesBecome(office.api, there, { REMOVED: 2 });
    expect(office.holders()).toEqual([]);

    await changeAction(office.api, here, "INSTALL");
    await statesBecome(office.api, here, { INSTALLED: 2 });
    expect(office.holders()).toEqual([one.serial, both.serial]);
  });

  it("serves five devices of a user and no sixth", async () => {
    await open({ licenses: 10, mock: { users: 1, devices: 6 } });
    const deployment = await office.deployTo("All users", "USER");
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 5, NOT_APPLICABLE: 1 });
    expect(seen.find(({ state }) => state === "NOT_APPLICABLE")).toMatchObject({
      reason: "DEVICE_LIMIT",
      license: null,
    });
    expect(new Set(seen.flatMap(({ license }) => license?.id ?? [])).size).toBe(1);
    expect(office.holders()).toHaveLength(1);
  });

  it("is not claimed for a person whose invitation is open, and is once it was accepted", async () => {
    await open({ licenses: 10, mock: { users: 1, devices: 1, invitedEvery: 1 } });
    const deployment = await office.deployTo("All users", "USER");
    const [waiting] = await eventually(async () => {
      const seen = await installations(office.api, deployment);
      return seen.every(({ reason }) => reason === "INVITATION_OPEN") ? seen : null;
    });
    expect(waiting).toMatchObject({ state: "WAITING_FOR_USER", license: null });
    expect(office.holders()).toEqual([]);
    const { users } = await office.api.ask<{
      users: { nodes: { appleUsers: { clientUserId: string; status: string; invitationUrl: string | null }[] }[] };
    }>("query { users { nodes { appleUsers { clientUserId status invitationUrl } } } }");
    const [registration] = users.nodes[0]?.appleUsers ?? [];
    expect(registration).toMatchObject({ status: "REGISTERED", invitationUrl: expect.stringContaining("inviteCode=") });

    await office.control("/accept-invitation", { clientUserId: registration?.clientUserId });
    await syncToken(office.api, office.token);
    const [installed] = await statesBecome(office.api, deployment, { INSTALLED: 1 });
    expect(installed?.license?.holderKey).toBe(registration?.clientUserId);
    expect(office.holders()).toEqual([registration?.clientUserId]);
  });
});

describe("an answer of Apple's", () => {
  it("that is cut off after the licences were given leads to no second one", async () => {
    await open({ licenses: 10, mock: { userless: 4 }, apple: { switches: { eventDelayMs: 20 } } });
    await office.control("/fail-next", { path: "/assets/associate", count: 1, afterEffect: true });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 4 });
    expect(office.holders()).toEqual(serialsOf(seen, "INSTALLED"));
    expect(associations()).toHaveLength(1);
    expect(await office.counts()).toMatchObject({ heldCount: 4, freeCount: 6 });
  });

  it.each([
    ["refuses the request", "/fail-next", { path: "/assets/associate", errorNumber: 9603 }],
    ["lets the event fail", "/fail-next-event", { errorNumber: 9603 }],
  ])("that for a fault of its own %s is followed by another try", async (_, call, input) => {
    await open({ licenses: 10, mock: { userless: 4 } });
    await office.control(call, input);
    const deployment = await office.deployTo("All devices", "DEVICE");
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 4 });
    expect(office.holders()).toEqual(serialsOf(seen, "INSTALLED"));
    expect(associations()).toHaveLength(2);
  });

  it("that refuses one of several keeps what the others got, with the reason for the one", async () => {
    await open({
      licenses: 10,
      mock: { users: 3, devices: 3 },
      apple: { switches: { badManagedAppleIds: ["user2@allotment.example"] } },
    });
    const deployment = await office.deployTo("All users", "USER");
    const seen = await statesBecome(office.api, deployment, { INSTALLED: 2, NOT_APPLICABLE: 1 });
    const refused = seen.find(({ state }) => state === "NOT_APPLICABLE");
    expect(refused).toMatchObject({ reason: "REGISTRATION_REFUSED", license: null });
    expect(office.holders()).toHaveLength(2);
  });

  function associations(): string[] {
    return postsTo(office.apple).filter((path) => path === "/assets/associate");
  }
});

describe("a loss at Apple", () => {
  it("of many holdings at once is believed only when a second read shows the same", async () => {
    await open({ licenses: 1, mock: {}, apple: { apps: 2, licenses: 100, assigned: 60 } });
    const held = () => heldByAll();
    expect(await held()).toBe(60);
    await loseAtApple(40);

    expect(await readAll(office.api, office.token)).toBe("HELD_BACK");
    expect(await held()).toBe(60);
    const alerts = "query { alerts(filter: { kind: [LICENSES_SHRINK_HELD], open: true }) { nodes { message } } }";
    const { alerts: raised } = await office.api.ask<{ alerts: { nodes: { message: string }[] } }>(alerts);
    expect(raised.nodes).toEqual([{ message: expect.stringContaining("40 of 60") }]);

    await eventually(async () => ((await held()) === 20 ? true : null));
    const { alerts: left } = await office.api.ask<{ alerts: { nodes: unknown[] } }>(alerts);
    expect(left.nodes).toEqual([]);
  });

  async function heldByAll(): Promise<number> {
    const { storeApps } = await office.api.ask<{ storeApps: { nodes: { heldCount: number }[] } }>(
      "query { storeApps(first: 100) { nodes { heldCount } } }",
    );
    return storeApps.nodes.reduce((sum, { heldCount }) => sum + heldCount, 0);
  }

  async function loseAtApple(count: number): Promise<void> {
    const assignments = [...(office.apple.world.locations[0]?.assignments.rows ?? [])].slice(0, count);
    for (const { asset, holder } of assignments) {
      if (holder.kind !== "device") throw new Error("Only devices hold something here");
      await office.control("/unassign", { adamId: asset.item.adamId, serialNumber: holder.serialNumber });
    }
  }
});

describe("while Apple is asked", () => {
  it("no session of the service lies idle in a transaction", async () => {
    let look = async (_path: string): Promise<void> => undefined;
    await open({ licenses: 5, mock: { userless: 3 }, apple: { onRequest: ({ path }) => look(path) } });
    const idle = office.database.dataSource.createQueryRunner();
    await idle.startTransaction();
    await idle.query("SELECT 1");
    expect(await idleForLong()).toHaveLength(1);
    await idle.rollbackTransaction();
    await idle.release();

    const found: string[] = [];
    const asked = new Set<string>();
    look = async (path) => {
      asked.add(path);
      found.push(...(await idleForLong()));
    };
    await syncToken(office.api, office.token);
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLED: 3 });
    await changeAction(office.api, deployment, "UNINSTALL");
    await statesBecome(office.api, deployment, { REMOVED: 3 });
    expect([...asked]).toEqual(
      expect.arrayContaining(["/assets", "/assignments", "/assets/associate", "/assets/disassociate", "/status"]),
    );
    expect(found).toEqual([]);
  });

  /** The service's sessions that do nothing in the same transaction at two looks. */
  async function idleForLong(): Promise<string[]> {
    const first = new Set(await idleSessions());
    await sleep(200);
    return (await idleSessions()).filter((session) => first.has(session));
  }

  async function idleSessions(): Promise<string[]> {
    const sessions = await rows<{ session: string }>(
      office.database.dataSource,
      `SELECT pid || ' ' || xact_start AS session FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'allotment%'
         AND state LIKE 'idle in transaction%' AND xact_start IS NOT NULL`,
    );
    return sessions.map(({ session }) => session);
  }
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { healthBecomes, healthOf, readAll } from "./health.js";
import { type Office, startOffice } from "./office.js";
import { changeAction, countStates, deviceCollection, devices, installations, statesBecome } from "./story.js";

const ALERTS = "query { alerts(filter: { kind: [TOKEN_NOT_WRITABLE], open: true }) { nodes { message } } }";

let office: Office;
let serials: string[];
let first: string;

/** Two of four devices have the app; the others are a collection that nothing goes to yet. */
beforeEach(async () => {
  office = await startOffice({ licenses: 10, mock: { userless: 4 } });
  const known = (await devices(office.api)).sort((a, b) => a.serial.localeCompare(b.serial));
  serials = known.map(({ serial }) => serial);
  const ids = known.map(({ id }) => id);
  await deviceCollection(office.api, "First two", ids.slice(0, 2));
  await deviceCollection(office.api, "Last two", ids.slice(2));
  first = await office.deployTo("First two", "DEVICE");
  await statesBecome(office.api, first, { INSTALLED: 2 });
});

afterEach(() => office.stop());

async function change(mutation: "suspendToken" | "resumeToken"): Promise<void> {
  const type = mutation === "suspendToken" ? "SuspendTokenInput" : "ResumeTokenInput";
  await office.api.ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { token { id } } }`, {
    input: { token: office.token },
  });
}

/** Waits until the clock has ticked twice more, and with it everything that is overdue was looked after. */
async function sweptTwice(): Promise<void> {
  const sweeps = async () => {
    const [slots] = await rows<{ count: number }>(
      office.database.dataSource,
      "SELECT count(*)::int AS count FROM schedule_slot WHERE schedule = 'sweep'",
    );
    return slots?.count ?? 0;
  };
  const before = await sweeps();
  await eventually(async () => ((await sweeps()) >= before + 2 ? true : null));
}

async function openAlerts(): Promise<{ message: string }[]> {
  return (await office.api.ask<{ alerts: { nodes: { message: string }[] } }>(ALERTS)).alerts.nodes;
}

function associations(): number {
  return postsTo(office.apple).filter((path) => path === "/assets/associate").length;
}

async function operationStates(): Promise<string[]> {
  const { appleOperations } = await office.api.ask<{ appleOperations: { nodes: { state: string }[] } }>(
    "query { appleOperations(filter: { open: true }) { nodes { state } } }",
  );
  return appleOperations.nodes.map(({ state }) => state);
}

describe("a token that an admin pauses", () => {
  it("changes nothing at Apple and removes nothing from devices until it is resumed, and then all ends well", async () => {
    await office.control("/switches", { eventDelayMs: 3_600_000 });
    const last = await office.deployTo("Last two", "DEVICE");
    await eventually(async () => (associations() === 2 ? true : null));
    await change("suspendToken");
    await changeAction(office.api, first, "UNINSTALL");
    const posts = postsTo(office.apple);

    expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
    await sweptTwice();
    expect(await healthOf(office.api, office.token)).toMatchObject({
      state: "SUSPENDED",
      remedy: expect.stringContaining("resumeToken"),
    });
    expect(postsTo(office.apple)).toEqual(posts);
    expect(await operationStates()).toEqual(["PAUSED"]);
    expect((await office.orders()).filter(({ action }) => action === "remove")).toEqual([]);
    expect(countStates(await installations(office.api, first))).toEqual({ REMOVING: 2 });
    expect(await openAlerts()).toHaveLength(1);

    await office.control("/finish-events");
    await office.control("/switches", { eventDelayMs: 20 });
    await change("resumeToken");
    await statesBecome(office.api, last, { INSTALLED: 2 });
    await statesBecome(office.api, first, { REMOVED: 2 });
    expect(office.holders()).toEqual(serials.slice(2));
    expect(associations()).toBe(2);
    expect(await openAlerts()).toEqual([]);
  });

  it("is not deployed with", async () => {
    await change("suspendToken");
    await expect(office.deployTo("Last two", "DEVICE")).rejects.toThrow(/TOKEN_SUSPENDED/);
    expect(await office.counts()).toMatchObject({ heldCount: 2 });
  });
});

describe("a token that Apple revokes", () => {
  it("says so after the next read, with what to do, and is not deployed with", async () => {
    await office.control("/revoke-token");
    expect(await readAll(office.api, office.token)).toBe("FAILED");
    expect(await healthOf(office.api, office.token)).toMatchObject({
      state: "REVOKED",
      evidence: expect.stringContaining("9625"),
      remedy: expect.stringContaining("renew the token"),
    });
    expect(await openAlerts()).toHaveLength(1);
    await expect(office.deployTo("Last two", "DEVICE")).rejects.toThrow(/TOKEN_REVOKED/);
  });

  it("in the middle of a deployment keeps what was planned, and does it once Apple takes the token again", async () => {
    await office.control("/revoke-token");
    const last = await office.deployTo("Last two", "DEVICE");
    await healthBecomes(office.api, office.token, "REVOKED");
    await sweptTwice();
    const states = Object.keys(countStates(await installations(office.api, last)));
    expect(["CLAIMING", "REQUESTED"]).toEqual(expect.arrayContaining(states));
    expect(office.holders()).toEqual(serials.slice(0, 2));

    const token = office.apple.world.locations[0]?.token;
    if (token) token.revoked = false;
    expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
    await statesBecome(office.api, last, { INSTALLED: 2 });
    expect(office.holders()).toEqual(serials);
  });
});

describe("a location that another MDM takes over", () => {
  it("is left alone: the token reads, and neither claims nor removes", async () => {
    await office.control("/take-over", { id: "other-mdm", name: "Other MDM", metadata: "" });
    expect(await readAll(office.api, office.token)).toBe("SUCCEEDED");
    await healthBecomes(office.api, office.token, "CLAIMED_ELSEWHERE");
    const posts = postsTo(office.apple);
    await changeAction(office.api, first, "UNINSTALL");
    await expect(office.deployTo("Last two", "DEVICE")).rejects.toThrow(/TOKEN_CLAIMED_ELSEWHERE/);
    await sweptTwice();
    expect(postsTo(office.apple)).toEqual(posts);
    expect(office.apple.world.locations[0]?.mdmInfo?.id).toBe("other-mdm");
    expect((await office.orders()).filter(({ action }) => action === "remove")).toEqual([]);
    expect(office.holders()).toEqual(serials.slice(0, 2));
  });
});

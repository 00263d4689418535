import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rows } from "../../src/queries/sql.js";
import { postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { healthBecomes, healthOf, readAll, runEnds } from "./health.js";
import { type Office, startOffice } from "./office.js";
import {
  addToken,
  changeAction,
  countStates,
  deviceCollection,
  devices,
  installations,
  statesBecome,
} from "./story.js";

const ALERTS = "query { alerts(filter: { kind: [TOKEN_NOT_WRITABLE], open: true }) { nodes { message } } }";

const RENEW = "mutation ($input: RenewTokenInput!) { renewToken(input: $input) { token { id } syncRun { id } } }";
const REMOVE = `mutation ($input: RemoveTokenInput!) { removeToken(input: $input) {
  loss { apps licenses returnableLicenses deployments openInstallations installedInstallations openOperations }
  removedTokenId token { removingAt nextSyncAt } } }`;

interface Removal {
  readonly loss: Readonly<Record<string, number>>;
  readonly removedTokenId: string | null;
  readonly token: { readonly removingAt: string | null; readonly nextSyncAt: string | null } | null;
}

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
      cause: expect.stringContaining("a newer one is downloaded"),
      remedy: expect.stringContaining("renewToken"),
    });
    expect(await openAlerts()).toHaveLength(1);
    await expect(office.deployTo("Last two", "DEVICE")).rejects.toThrow(/TOKEN_REVOKED/);
  });

  it("in the middle of a deployment keeps what was planned, and does it once the newer file is uploaded", async () => {
    await office.control("/renew-token");
    const last = await office.deployTo("Last two", "DEVICE");
    await healthBecomes(office.api, office.token, "REVOKED");
    await sweptTwice();
    const states = Object.keys(countStates(await installations(office.api, last)));
    expect(["CLAIMING", "REQUESTED"]).toEqual(expect.arrayContaining(states));
    expect(office.holders()).toEqual(serials.slice(0, 2));

    const file = office.apple.world.locations[0]?.token.text ?? "";
    const { renewToken } = await office.api.ask<{ renewToken: { token: { id: string }; syncRun: { id: string } } }>(
      RENEW,
      { input: { token: office.token, file } },
    );
    expect(renewToken.token.id).toBe(office.token);
    expect(await runEnds(office.api, renewToken.syncRun.id)).toBe("SUCCEEDED");
    await statesBecome(office.api, last, { INSTALLED: 2 });
    expect(countStates(await installations(office.api, first))).toEqual({ INSTALLED: 2 });
    expect(office.holders()).toEqual(serials);
    expect(await openAlerts()).toEqual([]);
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

describe("a token that is removed", () => {
  const remove = async (input: Record<string, unknown>): Promise<Removal> => {
    const answer = await office.api.ask<{ removeToken: Removal }>(REMOVE, { input: { token: office.token, ...input } });
    return answer.removeToken;
  };
  const isGone = () =>
    eventually(async () => {
      const { tokens } = await office.api.ask<{ tokens: { nodes: unknown[] } }>("query { tokens { nodes { id } } }");
      return tokens.nodes.length === 0 ? true : null;
    });

  it("tells first what would be lost, and is refused while nobody says what becomes of its licences", async () => {
    const loss = { licenses: 2, returnableLicenses: 2, deployments: 1, installedInstallations: 2, openOperations: 0 };
    const answer = await remove({ dryRun: true });
    expect(answer).toMatchObject({ loss, removedTokenId: null, token: { removingAt: null } });
    expect(answer.token?.nextSyncAt).toMatch(/^\d{4}-/);
    const posts = postsTo(office.apple);
    const { message, extensions } = await office.api.refused(REMOVE, { input: { token: office.token } });
    expect(extensions).toMatchObject({ code: "CONFLICT", details: loss });
    expect(message).toMatch(/RETURN.*LEAVE.*UNINSTALL/);
    expect(countStates(await installations(office.api, first))).toEqual({ INSTALLED: 2 });
    expect(postsTo(office.apple)).toEqual(posts);
  });

  it("returns its licences at Apple and goes, and its file is a new token afterwards", async () => {
    const answer = await remove({ licenses: "RETURN" });
    expect(answer).toMatchObject({ removedTokenId: null, token: { removingAt: expect.any(String), nextSyncAt: null } });
    await isGone();
    expect(office.holders()).toEqual([]);
    const { deployments } = await office.api.ask<{ deployments: { nodes: unknown[] } }>(
      "query { deployments { nodes { id } } }",
    );
    expect(deployments.nodes).toEqual([]);
    expect(await addToken(office.api, office.apple.tokenFile)).not.toBe(office.token);
  });

  it("goes at once when its licences are left where they are, once for one idempotency key", async () => {
    const posts = postsTo(office.apple);
    const input = { licenses: "LEAVE", idempotencyKey: "remove-it" };
    expect(await remove(input)).toMatchObject({ removedTokenId: office.token, token: null });
    expect(await remove(input)).toMatchObject({ removedTokenId: office.token, token: null });
    await isGone();
    expect(office.holders()).toEqual(serials.slice(0, 2));
    expect(postsTo(office.apple)).toEqual(posts);
  });

  it("leaves the installation bound to its location, until somebody says that it is to be left", async () => {
    await remove({ licenses: "LEAVE" });
    const add = `mutation ($input: AddTokenInput!) { addToken(input: $input) { token { locationName } } }`;
    const file = office.apple.addLocation({ name: "Other" }).token.text;
    const { message, extensions } = await office.api.refused(add, { input: { file, name: "Other" } });
    expect(extensions).toMatchObject({ code: "CONFLICT", details: { location: "Other" } });
    expect(message).toContain("replaceAccount");
    const { addToken: added } = await office.api.ask<{ addToken: { token: { locationName: string } } }>(add, {
      input: { file, name: "Other", replaceAccount: true },
    });
    expect(added.token.locationName).toBe("Other");
  });
});

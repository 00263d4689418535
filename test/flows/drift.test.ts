import { afterEach, describe, expect, it } from "vitest";
import { row, rows } from "../../src/queries/sql.js";
import { controlApple, postsTo } from "../support/control-apple.js";
import { eventually } from "../support/eventually.js";
import { startCamp } from "./camp.js";
import { type DriftSeen, drifts, driftsBecome, repair } from "./drift.js";
import { setNeverReclaim } from "./leaks.js";
import { type Office, type OfficeOptions, startOffice } from "./office.js";
import { changeAction, devices, statesBecome, syncToken } from "./story.js";

let stop: () => Promise<void>;
let office: Office;

afterEach(() => stop());

async function open(options: Partial<OfficeOptions> = {}): Promise<void> {
  office = await startOffice({ licenses: 10, mock: { userless: 2 }, ...options });
  stop = () => office.stop();
}

/** An admin's hand in Apple's own console. */
function byHand(call: "/assign" | "/unassign", serialNumber: string): Promise<void> {
  return office.control(call, { adamId: office.app.adamId, serialNumber });
}

/** What a repair could write or send. */
async function traces(): Promise<unknown> {
  const { dataSource } = office.database;
  return {
    sent: [postsTo(office.apple), await office.orders()],
    installations: await rows(dataSource, "SELECT id, state, generation FROM installation ORDER BY id"),
    licenses: await rows(dataSource, "SELECT id, state, device_id FROM license ORDER BY id"),
    others: await row(
      dataSource,
      "SELECT (SELECT count(*) FROM sync_run) AS runs, (SELECT count(*) FROM apple_operation) AS operations",
    ),
  };
}

/** Asks what a repair would do, sees that this is what the list says and changes nothing, and then repairs. */
async function repairAsForetold(drift: DriftSeen | undefined): Promise<void> {
  const ids = [drift?.id ?? ""];
  const before = await traces();
  expect(await repair(office.api, ids, { dryRun: true })).toEqual([drift?.remedy]);
  expect(await traces()).toEqual(before);
  expect(await repair(office.api, ids)).toEqual([drift?.remedy]);
  if (drift?.remedy.repair === "NONE") expect(await traces()).toEqual(before);
}

describe("a licence that somebody else gave at Apple", () => {
  it("to a known device is UNKNOWN_HERE, and waits for a person to say what it is for", async () => {
    await open();
    const [first] = await devices(office.api);
    await byHand("/assign", first?.serial ?? "");
    await syncToken(office.api, office.token);
    const [drift] = await driftsBecome(office.api, "UNKNOWN_HERE");
    expect(drift).toMatchObject({
      storeApp: { id: office.app.id },
      license: { holderKey: first?.serial },
      installations: [],
      evidence: [{ side: "APPLE" }, { side: "ALLOTMENT" }],
      remedy: { repair: "NONE", why: expect.stringContaining("assignLicenses") },
    });
    await repairAsForetold(drift);
    expect(await drifts(office.api)).toEqual([drift]);

    await setNeverReclaim(office.api, [drift?.license?.id ?? ""], true);
    expect(await drifts(office.api)).toEqual([]);
    expect(await repair(office.api, [drift?.id ?? ""])).toEqual([{ repair: "NONE", why: "It is no drift any more." }]);
  });

  it("to a device that nobody knows is a FOREIGN_HOLDER until a target tells of it; then it is linked", async () => {
    const camp = await startCamp(["ada"], {});
    stop = () => camp.stop();
    await controlApple(camp.apple, "/assign", { adamId: camp.app.adamId, serialNumber: "SERIAL-BEN" });
    await syncToken(camp.api, camp.token);
    const [foreign] = await driftsBecome(camp.api, "FOREIGN_HOLDER");
    expect(foreign?.remedy).toMatchObject({ repair: "NONE", why: expect.stringContaining("SERIAL-BEN") });
    expect(await repair(camp.api, [foreign?.id ?? ""])).toEqual([foreign?.remedy]);

    camp.devices.push({ ...camp.devices[0], externalId: "ben", serial: "SERIAL-BEN" } as never);
    await camp.look();
    const [linkable] = await drifts(camp.api);
    expect(linkable).toMatchObject({ id: foreign?.id, remedy: { repair: "LINK_HOLDER" } });
    expect(await repair(camp.api, [foreign?.id ?? ""])).toEqual([linkable?.remedy]);
    await driftsBecome(camp.api, "UNKNOWN_HERE");
  });
});

describe("holdings that Apple does not show any more", () => {
  it("are MISSING_AT_APPLE while so large a loss is not believed; a repair reads Apple again, and they end", async () => {
    await open({ licenses: 40, environment: { TIME_SCALE: "5" } });
    const serialNumbers = Array.from({ length: 30 }, (_, at) => `FOREIGN${at}`);
    await office.control("/assign", { adamId: office.app.adamId, serialNumbers });
    await syncToken(office.api, office.token);
    await driftsBecome(office.api, ...serialNumbers.map(() => "FOREIGN_HOLDER"));
    await office.control("/unassign", { adamId: office.app.adamId, serialNumbers });
    await syncToken(office.api, office.token);

    const missing = await drifts(office.api, { type: ["MISSING_AT_APPLE"], token: office.token });
    expect(missing.map(({ license }) => license?.holderKey).sort()).toEqual([...serialNumbers].sort());
    expect(missing[0]).toMatchObject({
      since: expect.any(String),
      evidence: [{ side: "APPLE", says: expect.stringContaining("Did not show") }, { side: "ALLOTMENT" }],
      remedy: { repair: "READ_AT_APPLE" },
    });
    await repairAsForetold(missing[0]);
    await driftsBecome(office.api);
    expect(await office.counts()).toMatchObject({ heldCount: 0 });
  });
});

describe("counts that do not fit", () => {
  it("are a COUNT_MISMATCH until Apple tells others, which a repair reads", async () => {
    await open();
    await office.control("/distort", { adamId: office.app.adamId, set: { assignedCount: 4 } });
    await syncToken(office.api, office.token);
    const [drift] = await driftsBecome(office.api, "COUNT_MISMATCH");
    expect(drift).toMatchObject({
      license: null,
      evidence: [
        { side: "APPLE", says: expect.stringContaining("4 in use") },
        { side: "ALLOTMENT", says: expect.stringContaining("0 holdings") },
      ],
      remedy: { repair: "READ_AT_APPLE" },
    });
    await office.control("/distort", { adamId: office.app.adamId });
    await repairAsForetold(drift);
    await driftsBecome(office.api);
  });
});

describe("an app that is on a device whose licence was taken away at Apple", () => {
  it("is INSTALLED_WITHOUT_LICENSE while no other one is free, and over when one was bought", async () => {
    await open({ licenses: 2 });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const [first] = await statesBecome(office.api, deployment, { INSTALLED: 2 });
    await byHand("/unassign", first?.device?.serial ?? "");
    await byHand("/assign", "FOREIGN1");
    await syncToken(office.api, office.token);
    await statesBecome(office.api, deployment, { INSTALLED: 1, WAITING_FOR_LICENSE: 1 });
    const seen = await driftsBecome(office.api, "FOREIGN_HOLDER", "INSTALLED_WITHOUT_LICENSE");
    const drift = seen.find(({ type }) => type === "INSTALLED_WITHOUT_LICENSE");
    expect(drift).toMatchObject({
      license: null,
      installations: [{ id: first?.id, state: "WAITING_FOR_LICENSE" }],
      remedy: { repair: "NONE", why: expect.stringContaining("buy more") },
    });
    expect(drift?.evidence.map(({ side }) => side)).toEqual(["APPLE", "MDM"]);
    await repairAsForetold(drift);

    await office.buy(1);
    await syncToken(office.api, office.token);
    await statesBecome(office.api, deployment, { INSTALLED: 2 });
    await driftsBecome(office.api, "FOREIGN_HOLDER");
  });

  it("claims a licence by a repair where its own claim was given up", async () => {
    await open({ mock: { userless: 1 } });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const [first] = await statesBecome(office.api, deployment, { INSTALLED: 1 });
    await office.control("/fail-next", { path: "/assets/associate", errorNumber: 9603, count: 3 });
    await byHand("/unassign", first?.device?.serial ?? "");
    await syncToken(office.api, office.token);
    await giveUpClaim();
    await statesBecome(office.api, deployment, { FAILED: 1 });
    const [drift] = await driftsBecome(office.api, "INSTALLED_WITHOUT_LICENSE");
    expect(drift?.remedy.repair).toBe("REQUEST_LICENSE");
    await repairAsForetold(drift);
    await statesBecome(office.api, deployment, { INSTALLED: 1 });
    expect(office.holders()).toEqual([first?.device?.serial]);
    await driftsBecome(office.api);
  });
});

/** Gives the open claim up once Apple has refused it three times, and is surely not at work on it. */
async function giveUpClaim(): Promise<void> {
  await eventually(async () => {
    const { appleOperations } = await office.api.ask<{
      appleOperations: { nodes: { id: string; attempts: number }[] };
    }>("query { appleOperations(first: 10, filter: { open: true, intent: [ASSOCIATE] }) { nodes { id attempts } } }");
    const stuck = appleOperations.nodes.find(({ attempts }) => attempts === 3);
    if (!stuck) return null;
    const mutation =
      "mutation ($input: AbandonAppleOperationInput!) { abandonAppleOperation(input: $input) { settledCount } }";
    return office.api.ask(mutation, { input: { appleOperation: stuck.id } }).catch(() => null);
  });
}

describe("a licence without its app", () => {
  it("is LICENSED_WITHOUT_INSTALL when the target has refused, and waits for what the target says has to be done", async () => {
    await open({ mock: { userless: 2, script: [{ devices: ["device-1"], outcome: "failed" }] } });
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLED: 1, FAILED: 1 });
    const [drift] = await driftsBecome(office.api, "LICENSED_WITHOUT_INSTALL");
    expect(drift).toMatchObject({
      installations: [{ state: "FAILED" }],
      evidence: [{ side: "APPLE" }, { side: "MDM", says: expect.stringContaining('last saw "failed"') }],
      remedy: { repair: "NONE", why: expect.stringContaining("`script` setting") },
    });
    await repairAsForetold(drift);
  });

  it("has its target told again when nothing was heard for more than a day", async () => {
    await open({ mock: { userless: 1, installMs: 86_400_000 }, environment: { TIME_SCALE: "10000" } });
    const deployment = await office.deployTo("All devices", "DEVICE");
    await statesBecome(office.api, deployment, { INSTALLING: 1 });
    expect(await drifts(office.api)).toEqual([]);
    const [drift] = await driftsBecome(office.api, "LICENSED_WITHOUT_INSTALL");
    expect(drift).toMatchObject({ installations: [{ state: "INSTALLING" }], remedy: { repair: "ASK_TARGET" } });
    await repairAsForetold(drift);
    await eventually(async () => ((await office.orders()).length === 2 ? true : null));
  });

  it("is returned by a repair when nothing uses it any more", async () => {
    await open({ mock: { userless: 1 } });
    const deployment = await office.deployTo("All devices", "DEVICE");
    const [first] = await statesBecome(office.api, deployment, { INSTALLED: 1 });
    const license = [first?.license?.id ?? ""];
    await setNeverReclaim(office.api, license, true);
    await changeAction(office.api, deployment, "UNINSTALL");
    await statesBecome(office.api, deployment, { REMOVED: 1 });
    expect(await drifts(office.api)).toEqual([]);
    await setNeverReclaim(office.api, license, false);

    const [drift] = await driftsBecome(office.api, "LICENSED_WITHOUT_INSTALL");
    expect(drift).toMatchObject({ license: { id: license[0] }, remedy: { repair: "RETURN_LICENSE" } });
    await repairAsForetold(drift);
    await eventually(async () => (office.holders().length === 0 ? true : null));
    await driftsBecome(office.api);
  });
});

describe("repairDrift", () => {
  it("refuses what is no id of a drift, and writes and sends nothing", async () => {
    await open();
    const before = await traces();
    const mutation = "mutation ($input: RepairDriftInput!) { repairDrift(input: $input) { repairedCount } }";
    for (const [ids, code] of [
      [[office.token], "NOT_FOUND"],
      [[], "INVALID_INPUT"],
    ] as const) {
      expect((await office.api.refused(mutation, { input: { ids } })).extensions.code).toBe(code);
    }
    expect(await traces()).toEqual(before);
  });
});

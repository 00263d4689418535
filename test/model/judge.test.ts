import { describe, expect, it } from "vitest";
import type { Command } from "./command.js";
import { judge } from "./judge.js";
import type { InstallationSeen, LicenseSeen, Seen } from "./seen.js";
import { type Beginning, type Place, World } from "./world.js";

const BEGINNING: Beginning = {
  apps: { Notes: { total: 2, revocable: true, deviceAssignable: true } },
  users: { ann: { account: "managed", accepted: false }, bob: { account: "none", accepted: false } },
  devices: {
    phone: { user: "ann", state: "enrolled", manner: "good" },
    pad: { user: "bob", state: "enrolled", manner: "good" },
  },
  collections: {
    all: { kind: "device", mirrored: false, members: ["phone", "pad"] },
    people: { kind: "user", mirrored: false, members: ["ann", "bob"] },
  },
};

const DEPLOY: Command = { what: "deploy", app: "Notes", collection: "all", licensing: "DEVICE", onLeave: "UNINSTALL" };
const OWN = (device: string): Place => ({ app: "Notes", kind: "DEVICE", holder: device });

function worldAfter(...commands: readonly Command[]): World {
  const world = new World(BEGINNING);
  for (const command of commands) world.apply(command, true);
  return world;
}

/** Apple, the MDM and the service at one about who holds the app and has it. */
function seen(holders: readonly Place[], change: { installed?: string[]; room?: number } = {}): Seen {
  const devices = change.installed ?? holders.map(({ holder }) => holder);
  const room = change.room ?? 2 - holders.length;
  const license = (place: Place): LicenseSeen => ({
    ...place,
    id: place.holder,
    state: "HELD",
    startCause: "DEPLOYMENT",
    endCause: null,
    startedAt: "2030-01-01T00:00:00Z",
    endedAt: null,
  });
  const installation = (device: string): InstallationSeen => ({
    app: "Notes",
    collection: "all",
    device,
    state: holders.some(({ holder }) => holder === device) ? "INSTALLED" : "WAITING_FOR_LICENSE",
    reason: null,
    left: false,
    license: device,
  });
  return {
    apple: { licenses: holders, room: new Map([["Notes", room]]) },
    mdm: { installed: devices.map((device) => ({ app: "Notes", device })) },
    ours: {
      licenses: holders.map(license),
      installations: ["phone", "pad"].map(installation),
      apps: [{ app: "Notes", total: 2, assigned: holders.length, held: holders.length }],
    },
  };
}

describe("the judge", () => {
  it("finds nothing where each wish has its licence and its app", () => {
    expect(judge(worldAfter(DEPLOY), seen([OWN("phone"), OWN("pad")]))).toEqual([]);
  });

  it("finds a licence that only one side has", () => {
    const both = seen([OWN("phone"), OWN("pad")]);
    const lost = { ...both, ours: { ...both.ours, licenses: both.ours.licenses.slice(1) } };
    expect(judge(worldAfter(DEPLOY), lost)).toContain("Notes for device phone: Apple has HELD, we have none");
  });

  it("finds who wants an app and has none though one is free, and not who waits for stock", () => {
    expect(judge(worldAfter(DEPLOY), seen([OWN("phone")]))).toEqual([
      "pad wants Notes and has none, though 1 are free",
    ]);
    const soldOut = worldAfter(DEPLOY, { what: "refund", app: "Notes", count: 1 });
    const short = seen([OWN("phone")], { room: 0 });
    const counts = [{ app: "Notes", total: 1, assigned: 1, held: 1 }];
    expect(judge(soldOut, { ...short, ours: { ...short.ours, apps: counts } })).toEqual([]);
  });

  it("finds a licence and an app that nobody wants any more", () => {
    const left = worldAfter(DEPLOY, { what: "leave", collection: "all", member: "pad" });
    expect(judge(left, seen([OWN("phone"), OWN("pad")]))).toEqual([
      "Notes for device pad is used by nobody",
      "Notes is on pad, and nobody wants it there",
    ]);
  });

  it("lets a leaver keep both under KEEP, and an app without a licence be under RECLAIM", () => {
    const leave: Command = { what: "leave", collection: "all", member: "pad" };
    expect(judge(worldAfter({ ...DEPLOY, onLeave: "KEEP" }, leave), seen([OWN("phone"), OWN("pad")]))).toEqual([]);
    const reclaimed = seen([OWN("phone")], { installed: ["phone", "pad"] });
    expect(judge(worldAfter({ ...DEPLOY, onLeave: "RECLAIM" }, leave), reclaimed)).toEqual([]);
  });

  it("finds a person's licence beside the device's own", () => {
    const twice = seen([OWN("phone"), { app: "Notes", kind: "USER", holder: "ann" }], { installed: ["phone"] });
    expect(judge(worldAfter(DEPLOY), twice)).toContain(
      "Notes for user ann is held, though each device of theirs that wants it has a licence of its own",
    );
  });

  it("finds a ledger that says others have given what nobody gave", () => {
    const both = seen([OWN("phone"), OWN("pad")]);
    const licenses = both.ours.licenses.map((license) => ({ ...license, startCause: "EXTERNAL" }));
    const others = { ...both, ours: { ...both.ours, licenses } };
    expect(judge(worldAfter(DEPLOY), others)).toHaveLength(2);
    const given = (["phone", "pad"] as const).map((device): Command => ({ what: "give", app: "Notes", device }));
    expect(judge(worldAfter(DEPLOY, ...given), others)).toEqual([]);
  });

  it("waits with a person's device for the invitation, and no longer", () => {
    const wish: Command = { ...DEPLOY, licensing: "USER" };
    const holder: Place = { app: "Notes", kind: "USER", holder: "ann" };
    const one = seen([holder], { installed: ["phone"] });
    const installations = one.ours.installations.map((row) =>
      row.device === "phone" ? { ...row, state: "INSTALLED" } : { ...row, state: "WAITING_FOR_USER" },
    );
    const waiting = { ...one, ours: { ...one.ours, installations } };
    expect(judge(worldAfter(wish), waiting)).toEqual([]);
    expect(judge(worldAfter(wish, { what: "accept", user: "bob" }), waiting)).toEqual([
      "pad wants Notes and has none, though 1 are free",
    ]);
  });
});

describe("what the judge allows", () => {
  const without = (device: string): Command => ({ what: "hand over", device, user: null });

  it("is that a device without a user keeps the app under KEEP, as one that has left", () => {
    const wish = { ...DEPLOY, licensing: "USER", onLeave: "KEEP" } as const;
    const both = seen(
      [
        { app: "Notes", kind: "USER", holder: "ann" },
        { app: "Notes", kind: "USER", holder: "bob" },
      ],
      { installed: ["phone", "pad"] },
    );
    const row = (change: Partial<InstallationSeen>) => (one: InstallationSeen) => ({
      ...one,
      state: "INSTALLED",
      ...change,
    });
    const installations = both.ours.installations.map((one) => row(one.device === "pad" ? { left: true } : {})(one));
    const kept = { ...both, ours: { ...both.ours, installations } };
    expect(judge(worldAfter(wish, without("pad")), kept)).toEqual([]);
    expect(judge(worldAfter({ ...wish, onLeave: "UNINSTALL" }, without("pad")), kept)).toContain(
      "INSTALL of Notes for all has no row for pad",
    );
  });

  it("is that a device's own licence is waited for, though its person has one that a former wish was for", () => {
    const world = worldAfter(
      { what: "deploy", app: "Notes", collection: "people", licensing: "USER", onLeave: "UNINSTALL" },
      { what: "flip", app: "Notes", collection: "people" },
      DEPLOY,
      { what: "hand over", device: "pad", user: "ann" },
      { what: "refund", app: "Notes", count: 1 },
    );
    const person: Place = { app: "Notes", kind: "USER", holder: "ann" };
    const short = seen([person], { installed: ["phone"], room: 0 });
    const installations = short.ours.installations.map((one) =>
      one.device === "phone" ? { ...one, state: "INSTALLED" } : one,
    );
    const apps = [{ app: "Notes", total: 1, assigned: 1, held: 1 }];
    expect(judge(world, { ...short, ours: { ...short.ours, apps, installations } })).toEqual([]);
  });

  it("is that a silent device holds a licence for a removal, and none for an install", () => {
    const silent: Command = { what: "behave", device: "pad", manner: "silent" };
    const people: Command = { ...DEPLOY, collection: "people" };
    const held = seen([OWN("phone"), OWN("pad")], { installed: ["phone"] });
    const vain = "Notes for device pad is held for a device that has not answered for weeks";
    expect(judge(worldAfter(DEPLOY, people, silent), held)).toContain(vain);
    const flipped = worldAfter(DEPLOY, people, silent, { what: "flip", app: "Notes", collection: "people" });
    expect(judge(flipped, held)).not.toContain(vain);
  });

  it("is that the service acts for who has left at the MDM until everything is at rest", () => {
    const world = new World({
      ...BEGINNING,
      collections: { all: { kind: "device", mirrored: true, members: ["phone", "pad"] } },
    });
    const play = (...commands: readonly Command[]) => commands.map((command) => world.apply(command, true));
    play({ what: "leave", collection: "all", member: "pad" }, { ...DEPLOY, onLeave: "KEEP" });
    expect(judge(world, seen([OWN("phone"), OWN("pad")]))).toEqual([]);
    play({ what: "rest" }, { what: "delete", app: "Notes", collection: "all" }, DEPLOY);
    expect(world.deployments.at(-1)?.everReached).toEqual(new Set(["phone"]));
  });
});

describe("a command", () => {
  it("is left out where it makes no sense, so that any part of a history is one", () => {
    const world = worldAfter(DEPLOY);
    expect(world.admits(DEPLOY)).toBe(false);
    expect(world.admits({ what: "flip", app: "Notes", collection: "all" })).toBe(true);
    expect(world.admits({ what: "thaw" })).toBe(false);
    expect(world.admits({ what: "join", collection: "all", member: "pad" })).toBe(false);
  });
});

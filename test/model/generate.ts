import type { Chance } from "../../soak/chance.js";
import type { Command, Disturbance } from "./command.js";
import type { Beginning, Device, User } from "./world.js";

/** How large a history is. */
export interface HistorySize {
  readonly count: number;
  /** Whether the worker may be killed. */
  readonly kills: boolean;
}

/** One history of so many has enough devices for a listing to lose suspiciously many of them. */
const LARGE_EVERY = 15;
const LARGE_DEVICES = 26;

const ACCOUNTS = ["managed", "managed", "managed", "managed", "none", "refused"] as const;

/** What a history begins with, as the seed says. */
export function beginningOf(chance: Chance): Beginning {
  const isLarge = chance.between(1, LARGE_EVERY) === 1;
  const users = names("user", chance.between(2, 4));
  const devices = names("device", isLarge ? LARGE_DEVICES : chance.between(4, 7));
  const some = (all: readonly string[]) => chance.some(all, chance.between(Math.ceil(all.length / 2), all.length));
  return {
    apps: {
      Notes: { total: isLarge ? LARGE_DEVICES + 4 : chance.between(2, 7), revocable: true, deviceAssignable: true },
      Maps: { total: chance.between(1, 5), revocable: true, deviceAssignable: true },
      Keep: { total: chance.between(2, 6), revocable: false, deviceAssignable: true },
      Mine: { total: chance.between(1, 4), revocable: true, deviceAssignable: false },
    },
    users: record(users, (): User => ({ account: chance.one(ACCOUNTS), accepted: false })),
    devices: record(
      devices,
      (): Device => ({ user: chance.happens(0.75) ? chance.one(users) : null, state: "enrolled", manner: "good" }),
    ),
    collections: {
      "devices by hand": { kind: "device", mirrored: false, members: some(devices) },
      "users by hand": { kind: "user", mirrored: false, members: some(users) },
      "devices of the MDM": { kind: "device", mirrored: true, members: isLarge ? devices : some(devices) },
      "users of the MDM": { kind: "user", mirrored: true, members: some(users) },
    },
  };
}

/** What happens in a history, as the seed says: at first something is deployed. */
export function commandsOf(chance: Chance, beginning: Beginning, { count, kills }: HistorySize): Command[] {
  const makers = MAKERS.filter(({ needs }) => needs !== "kills" || kills);
  const commands: Command[] = [deploy(chance, beginning), deploy(chance, beginning), deploy(chance, beginning)];
  if (Object.keys(beginning.devices).length === LARGE_DEVICES && chance.happens(0.7)) {
    commands.push({ what: "work" }, { what: "list", how: "shrunk" });
  }
  while (commands.length < count) commands.push(...chance.weighted(makers).make(chance, beginning));
  return commands;
}

interface Maker {
  readonly weight: number;
  readonly needs?: "kills";
  readonly make: (chance: Chance, beginning: Beginning) => readonly Command[];
}

const READS = ["/assets", "/assignments", "/users", "/status", "/client/config"];
const WRITES = ["/assets/associate", "/assets/disassociate", "/users/create"];

const MAKERS: readonly Maker[] = [
  { weight: 12, make: (chance, beginning) => [deploy(chance, beginning)] },
  { weight: 14, make: (chance, beginning) => [{ what: "flip", ...wish(chance, beginning) }] },
  { weight: 4, make: (chance, beginning) => [{ what: "delete", ...wish(chance, beginning) }] },
  { weight: 12, make: (chance, beginning) => [membership("join", chance, beginning)] },
  { weight: 12, make: (chance, beginning) => [membership("leave", chance, beginning)] },
  {
    weight: 6,
    make: (chance, beginning) => [{ what: "purchase", app: app(chance, beginning), count: chance.between(1, 3) }],
  },
  {
    weight: 4,
    make: (chance, beginning) => [{ what: "refund", app: app(chance, beginning), count: chance.between(1, 2) }],
  },
  { weight: 3, make: (chance, beginning) => [{ what: "give", ...deviceOf(chance, beginning) }] },
  { weight: 3, make: (chance, beginning) => [{ what: "take", ...deviceOf(chance, beginning) }] },
  { weight: 2, make: (chance, beginning) => [{ what: "assign", ...deviceOf(chance, beginning) }] },
  { weight: 5, make: (chance, { users }) => [{ what: "accept", user: one(chance, users) }] },
  { weight: 6, make: (chance, beginning) => [handOver(chance, beginning)] },
  { weight: 5, make: (chance, { devices }) => [loss(chance, one(chance, devices))] },
  { weight: 5, make: (chance, { devices }) => [manner(chance, one(chance, devices))] },
  { weight: 5, make: () => [{ what: "synchronize" }] },
  { weight: 7, make: () => [{ what: "import" }] },
  {
    weight: 2,
    make: (chance) => [{ what: "list", how: chance.one(["partial", "shrunk"] as const) }, { what: "import" }],
  },
  { weight: 2, make: () => [{ what: "list", how: "complete" }] },
  { weight: 5, make: freeze },
  { weight: 6, make: () => [{ what: "thaw" }] },
  { weight: 10, make: (chance) => [disturbApple(chance)] },
  { weight: 6, make: (chance) => [disturbMdm(chance)] },
  { weight: 2, make: () => [{ what: "fail events" }] },
  { weight: 2, make: () => [{ what: "forget events" }] },
  { weight: 2, make: () => [{ what: "repeat notifications" }] },
  { weight: 5, make: staleRead },
  { weight: 6, make: () => [{ what: "work" }] },
  { weight: 10, make: (chance) => [{ what: "pause", ms: chance.one([10, 40, 120]) }] },
  { weight: 2, make: () => [{ what: "rest" }] },
  { weight: 12, needs: "kills", make: (chance) => [{ what: "kill", at: chance.one([null, ...WRITES, ...READS]) }] },
];

function deploy(chance: Chance, beginning: Beginning): Extract<Command, { readonly what: "deploy" }> {
  const { app, collection } = wish(chance, beginning);
  const { deviceAssignable, revocable } = beginning.apps[app] ?? { deviceAssignable: true, revocable: true };
  const isSensible = chance.happens(0.95);
  return {
    what: "deploy",
    app,
    collection,
    licensing: chance.one(isSensible && !deviceAssignable ? ["USER"] : (["USER", "DEVICE"] as const)),
    onLeave: chance.one(isSensible && !revocable ? ["KEEP", "UNINSTALL"] : (["KEEP", "UNINSTALL", "RECLAIM"] as const)),
  };
}

function wish(chance: Chance, { apps, collections }: Beginning): { app: string; collection: string } {
  // Few apps make stories that meet.
  const app = chance.happens(0.6) ? "Notes" : one(chance, apps);
  return { app, collection: one(chance, collections) };
}

function membership(what: "join" | "leave", chance: Chance, { collections, users, devices }: Beginning): Command {
  const collection = one(chance, collections);
  const isOfUsers = collections[collection]?.kind === "user";
  return { what, collection, member: isOfUsers ? one(chance, users) : one(chance, devices) };
}

function app(chance: Chance, { apps }: Beginning): string {
  return one(chance, apps);
}

function deviceOf(chance: Chance, { devices }: Beginning): { app: string; device: string } {
  return { app: chance.one(["Notes", "Maps"]), device: one(chance, devices) };
}

function handOver(chance: Chance, { devices, users }: Beginning): Command {
  return { what: "hand over", device: one(chance, devices), user: chance.happens(0.2) ? null : one(chance, users) };
}

/** Mostly what has just been installed is to go while its licence cannot return. */
function freeze(chance: Chance, beginning: Beginning): Command[] {
  const frozen = {
    what: "freeze",
    how: chance.one(["suspend", "suspend", "take over", "read only"] as const),
  } as const;
  if (chance.happens(0.4)) return [frozen];
  const wanted = deploy(chance, beginning);
  const { app, collection } = wanted;
  return [wanted, { what: "work" }, frozen, { what: "flip", app, collection }, { what: "work" }];
}

/** What Apple has shown is not heard before more has happened. */
function staleRead(chance: Chance, beginning: Beginning): Command[] {
  return [
    { what: "hold", path: chance.one(READS.slice(0, 3)) },
    { what: "synchronize" },
    chance.happens(0.6) ? deploy(chance, beginning) : { what: "flip", ...wish(chance, beginning) },
    { what: "work" },
    { what: "let go" },
  ];
}

function loss(chance: Chance, device: string): Command {
  return {
    what: "device",
    device,
    state: chance.one(["wiped", "retired", "deleted", "enrolled", "enrolled"] as const),
  };
}

function manner(chance: Chance, device: string): Command {
  return { what: "behave", device, manner: chance.one(["refusing", "silent", "good", "good"] as const) };
}

const HOW: readonly Disturbance[] = ["refuse", "cut", "lose the answer"];

function disturbApple(chance: Chance): Command {
  const path = chance.one([...READS, ...WRITES, ...WRITES]);
  return { what: "disturb Apple", path, how: chance.one(HOW), count: READS.includes(path) ? chance.between(1, 3) : 1 };
}

function disturbMdm(chance: Chance): Command {
  return {
    what: "disturb MDM",
    call: chance.one(["apply", "poll", "list"] as const),
    how: chance.one(HOW),
    count: chance.between(1, 2),
  };
}

function one<Value>(chance: Chance, record: Readonly<Record<string, Value>>): string {
  return chance.one(Object.keys(record));
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}${index + 1}`);
}

function record<Value>(keys: readonly string[], make: () => Value): Record<string, Value> {
  return Object.fromEntries(keys.map((key) => [key, make()]));
}

import type { Command, DeviceState, Freeze, Licensing, ListingManner, Manner } from "./command.js";
import { Deployment } from "./deployment.js";

export interface App {
  total: number;
  readonly revocable: boolean;
  readonly deviceAssignable: boolean;
}

export interface Device {
  user: string | null;
  state: DeviceState;
  manner: Manner;
}

export interface User {
  /** Whether a Managed Apple Account makes the invitation needless; `refused` has one that Apple does not take. */
  readonly account: "managed" | "none" | "refused";
  accepted: boolean;
}

export interface Collection {
  readonly kind: "device" | "user";
  /** The mirror of one that the MDM owns. */
  readonly mirrored: boolean;
  readonly members: Set<string>;
  /** Who has left since the service was last sure to have heard of its members. */
  readonly leavers: Set<string>;
}

/** A holder of a licence: a device by its name, or a user by theirs. */
export interface Place {
  readonly app: string;
  readonly kind: Licensing;
  readonly holder: string;
}

/** With fewer devices than this, a listing without most of them is believed (rule 6: more than 20 rows). */
const LEAST_SUSPICIOUS = 25;

/** What a history begins with. */
export interface Beginning {
  readonly apps: Readonly<Record<string, App>>;
  readonly users: Readonly<Record<string, User>>;
  readonly devices: Readonly<Record<string, Device>>;
  readonly collections: Readonly<
    Record<string, { kind: "device" | "user"; mirrored: boolean; members: readonly string[] }>
  >;
}

/**
 * The reference model's world: what is true outside and what our admin has wished, and nothing of how the service goes
 * about it. What may be left behind is remembered too: who was ever a member, and what others gave and took.
 */
export class World {
  readonly apps: Map<string, App>;
  readonly users: Map<string, User>;
  readonly devices: Map<string, Device>;
  readonly collections: Map<string, Collection>;
  readonly deployments: Deployment[] = [];
  readonly given = new Set<string>();
  readonly taken = new Set<string>();
  /** Apps of which some licences went by other hands than ours, so that what we know of the stock may be old. */
  readonly unsteady = new Set<string>();
  /** Given by our admin without an install: wanted whatever installs do. */
  readonly assigned = new Set<string>();
  /** Whose every device was, ever. */
  readonly owners = new Map<string, Set<string>>();
  /** Devices that at some moment did not do what they were told. */
  readonly troubled = new Set<string>();
  frozen: Freeze | null = null;
  /** Whether the token is being thawed: sooner or later it writes again. */
  thawing = false;
  listing: ListingManner = "complete";

  constructor({ apps, users, devices, collections }: Beginning) {
    this.apps = copyOf(apps);
    this.users = copyOf(users);
    this.devices = copyOf(devices);
    this.collections = new Map(
      Object.entries(collections).map(([name, it]) => [
        name,
        { ...it, members: new Set(it.members), leavers: new Set<string>() },
      ]),
    );
    this.#remember();
  }

  /**
   * Takes in what has happened.
   * @param done false: it was refused, and so it has not.
   */
  apply(command: Command, done: boolean): void {
    if (done) this.#apply(command);
    this.#remember();
  }

  /** Whether a command makes sense now; one that does not is left out, so that any part of a history is one. */
  admits(command: Command): boolean {
    const isListed = this.listing !== "shrunk";
    switch (command.what) {
      case "refund":
        return this.#app(command.app).total > command.count;
      case "deploy":
        return this.deployment(command.app, command.collection) === undefined;
      case "flip":
      case "delete":
        return this.deployment(command.app, command.collection) !== undefined;
      case "join":
      case "leave": {
        const { mirrored, members } = this.#collection(command.collection);
        return members.has(command.member) === (command.what === "leave") && (isListed || !mirrored);
      }
      case "hand over":
        return isListed;
      case "device":
        return this.listing === "complete";
      case "freeze":
        return this.frozen === null;
      case "thaw":
        return this.frozen !== null;
      case "list":
        if (command.how === "shrunk") return this.listing === "complete" && this.devices.size > LEAST_SUSPICIOUS;
        return command.how === "complete" || this.listing === "complete";
      case "assign":
        return this.#app(command.app).deviceAssignable && this.#device(command.device).state === "enrolled";
      default:
        return true;
    }
  }

  /** Whether a refusal of this command is right, wrong, or depends on what the service has noticed yet. */
  refuses(command: Command): "always" | "perhaps" | "never" {
    if (command.what !== "deploy" && command.what !== "flip" && command.what !== "delete") return "perhaps";
    if (command.what !== "deploy") return "never";
    const { deviceAssignable, revocable } = this.#app(command.app);
    if (command.licensing === "DEVICE" && !deviceAssignable) return "always";
    if (command.onLeave === "RECLAIM" && !revocable) return "always";
    if (this.frozen === null) return this.thawing ? "perhaps" : "never";
    return this.frozen === "suspend" ? "always" : "perhaps";
  }

  /** The deployment there is; a deleted one is none. */
  deployment(app: string, collection: string): Deployment | undefined {
    return this.deployments.find((one) => one.app === app && one.collection === collection && !one.deleted);
  }

  /** The devices that a collection reaches, whatever state they are in. */
  reached(name: string): string[] {
    const collection = this.collections.get(name);
    if (!collection) return [];
    if (collection.kind === "device") return [...collection.members];
    return [...this.devices].flatMap(([device, { user }]) => (user && collection.members.has(user) ? device : []));
  }

  #apply(command: Command): void {
    switch (command.what) {
      case "purchase":
      case "refund":
        if (command.what === "refund") this.unsteady.add(command.app);
        this.#app(command.app).total += command.what === "purchase" ? command.count : -command.count;
        break;
      case "give":
        this.unsteady.add(command.app);
        this.given.add(`${command.app} ${command.device}`);
        break;
      case "take":
        this.taken.add(`${command.app} ${command.device}`);
        break;
      case "assign":
        this.assigned.add(`${command.app} ${command.device}`);
        break;
      case "accept":
        this.#user(command.user).accepted = true;
        break;
      case "deploy":
        this.deployments.push(new Deployment(command));
        break;
      case "flip":
        this.deployment(command.app, command.collection)?.flip();
        break;
      case "delete":
        this.deployment(command.app, command.collection)?.delete();
        break;
      case "join":
        this.#collection(command.collection).members.add(command.member);
        break;
      case "leave":
        this.#leave(this.#collection(command.collection), command.member);
        break;
      case "freeze":
        this.frozen = command.how;
        break;
      case "thaw":
        this.frozen = null;
        this.thawing = true;
        break;
      case "rest":
        for (const { leavers } of this.collections.values()) leavers.clear();
        this.frozen = null;
        this.thawing = false;
        break;
      case "list":
        this.listing = command.how;
        break;
      case "hand over":
        this.#device(command.device).user = command.user;
        break;
      case "device":
        this.#device(command.device).state = command.state;
        break;
      case "behave":
        this.#device(command.device).manner = command.manner;
        break;
    }
  }

  #remember(): void {
    for (const [name, { user, manner }] of this.devices) {
      const owners = this.owners.get(name) ?? new Set();
      this.owners.set(name, owners);
      if (user) owners.add(user);
      if (manner !== "good") this.troubled.add(name);
    }
    for (const deployment of this.deployments) {
      const isReached = deployment.deleted ? [] : this.#mayBeReached(deployment.collection);
      deployment.remember(isReached.filter((device) => this.devices.get(device)?.state === "enrolled"));
    }
  }

  /** Those too that are somebody else's by now, or have left at the MDM: the service may not have heard of that yet. */
  #mayBeReached(name: string): string[] {
    const { kind, members, leavers } = this.#collection(name);
    const perhaps = new Set([...members, ...leavers]);
    if (kind === "device") return [...perhaps];
    return [...this.owners].flatMap(([device, owners]) => ([...owners].some((one) => perhaps.has(one)) ? device : []));
  }

  #leave({ mirrored, members, leavers }: Collection, member: string): void {
    members.delete(member);
    if (mirrored) leavers.add(member);
  }

  #app(name: string): App {
    return known(this.apps, name);
  }

  #user(name: string): User {
    return known(this.users, name);
  }

  #device(name: string): Device {
    return known(this.devices, name);
  }

  #collection(name: string): Collection {
    return known(this.collections, name);
  }
}

function copyOf<Value extends object>(record: Readonly<Record<string, Value>>): Map<string, Value> {
  return new Map(Object.entries(record).map(([name, value]) => [name, { ...value }]));
}

function known<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new Error(`The model has no "${name}"`);
  return value;
}

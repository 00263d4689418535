import type { DeviceState, Disturbance, ListingManner, Manner } from "../../../test/model/command.js";

export interface ProductDevice {
  serial: string;
  user: string | null;
  state: DeviceState;
  manner: Manner;
}

/** A product's own collection. */
export interface ProductGroup {
  readonly kind: "device" | "user";
  readonly members: Set<string>;
}

/** What the product was told to do, once a key. */
export interface Order {
  readonly key: string;
  readonly action: "install" | "remove";
  readonly adamId: string;
  readonly device: string;
  readonly at: number;
}

interface PlannedDisturbance {
  readonly call: string;
  readonly how: Disturbance;
  left: number;
}

/** How long a device takes. */
const WORK_MS = 5;

/** How many holders a listing that leaves most of them out still has. */
const SHRUNK_TO = 2;

/** An MDM product in memory: people, devices and what is on them, and orders that devices carry out when they can. */
export class Product {
  readonly users = new Map<string, { hasAccount: boolean }>();
  readonly devices = new Map<string, ProductDevice>();
  readonly groups = new Map<string, ProductGroup>();
  readonly orders: Order[] = [];
  listing: ListingManner = "complete";
  /** Told of each order when it comes. */
  onOrder: (order: Order) => void = () => undefined;
  readonly #byKey = new Map<string, Order>();
  /** What has come of each order, as long as its device has not been given up since; carried out as they came. */
  readonly #given = new Map<string, { order: Order; done: boolean; failed: boolean }>();
  /** The last order for a device and app. */
  readonly #places = new Map<string, Order>();
  readonly #installed = new Set<string>();
  readonly #disturbances: PlannedDisturbance[] = [];

  /** The same key again is the same order. */
  take(order: Omit<Order, "at">): boolean {
    const device = this.devices.get(order.device);
    if (device?.state !== "enrolled") return false;
    if (this.#byKey.has(order.key)) return true;
    this.work();
    const taken = { ...order, at: Date.now() };
    this.#byKey.set(order.key, taken);
    this.orders.push(taken);
    this.#given.set(order.key, { order: taken, done: false, failed: false });
    this.#places.set(placeOf(taken), taken);
    this.onOrder(taken);
    return true;
  }

  /** What the device says of an order; null for one nobody has given. */
  stateOf(key: string): "installing" | "installed" | "removed" | "failed" | "unknown" | null {
    this.work();
    const order = this.#byKey.get(key);
    if (!order) return null;
    const given = this.#given.get(key);
    if (!given || this.#places.get(placeOf(order))?.action !== order.action) return "unknown";
    if (given.done) return this.#installed.has(placeOf(order)) ? "installed" : "removed";
    return given.failed ? "failed" : "installing";
  }

  find(key: string): Order | undefined {
    return this.#byKey.get(key);
  }

  isInstalled(device: string, adamId: string): boolean {
    this.work();
    return this.#installed.has(`${device} ${adamId}`);
  }

  /** Every app that is on a device. */
  installed(): { device: string; adamId: string }[] {
    this.work();
    return [...this.#installed].map((place) => {
      const [device = "", adamId = ""] = place.split(" ");
      return { device, adamId };
    });
  }

  /** All apps are gone from a device that is not enrolled any more; enrolled again it is empty. */
  setState(name: string, state: DeviceState): void {
    this.work();
    const device = this.devices.get(name);
    if (!device || device.state === state) return;
    device.state = state;
    for (const places of [this.#installed, this.#places.keys()]) {
      for (const place of [...places]) if (place.startsWith(`${name} `)) this.#forget(place);
    }
  }

  disturb(call: string, how: Disturbance, count: number): void {
    this.#disturbances.push({ call, how, left: count });
  }

  /** The disturbance that is planned for such a call, counted down. */
  takeDisturbance(call: string): Disturbance | null {
    const planned = this.#disturbances.find((one) => one.call === call && one.left > 0);
    if (!planned) return null;
    planned.left -= 1;
    return planned.how;
  }

  calmDown(): void {
    this.#disturbances.splice(0);
  }

  /** The names that a listing of that kind has now, and whether it says that these are all. */
  listed(kind: "user" | "device" | "collection"): { names: string[]; complete: boolean } {
    const names = [...{ user: this.users, device: this.devices, collection: this.groups }[kind].keys()];
    if (kind === "user" || this.listing === "complete") return { names, complete: true };
    if (kind === "collection") return { names, complete: this.listing === "shrunk" };
    return { names: names.slice(0, SHRUNK_TO), complete: this.listing === "shrunk" };
  }

  /** Members as a listing has them. */
  membersOf({ kind, members }: ProductGroup): string[] {
    if (this.listing === "complete" || kind === "user") return [...members];
    const { names } = this.listed("device");
    return [...members].filter((member) => names.includes(member));
  }

  /** Devices do what they were told and had the time for. */
  work(): void {
    for (const given of this.#given.values()) {
      const device = this.devices.get(given.order.device);
      if (given.done || given.failed || !device || device.manner === "silent" || !isDue(given.order)) continue;
      given.failed = device.manner === "refusing";
      given.done = !given.failed;
      if (given.failed) continue;
      if (given.order.action === "install") this.#installed.add(placeOf(given.order));
      else this.#installed.delete(placeOf(given.order));
    }
  }

  #forget(place: string): void {
    this.#installed.delete(place);
    this.#places.delete(place);
    for (const [key, { order }] of this.#given) if (placeOf(order) === place) this.#given.delete(key);
  }
}

function placeOf({ device, adamId }: Order): string {
  return `${device} ${adamId}`;
}

function isDue({ at }: Order): boolean {
  return Date.now() >= at + WORK_MS;
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Location } from "../../simulators/apple/location.js";
import type { AppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import type { World } from "../../test/model/world.js";
import type { Order, Product } from "./mdm/product.js";
import { deviceOf } from "./stage.js";

/** What the service may still have sent when it was told to stop. */
const GRACE_MS = 300;

const WRITES = new Set(["/assets/associate", "/assets/disassociate", "/users/create", "/users/retire"]);

interface WriteBody {
  readonly assets?: readonly { readonly adamId: string }[];
  readonly serialNumbers?: readonly string[];
  readonly clientUserIds?: readonly string[];
}

/** Sees, while a history goes on, what cannot be seen any more when it has come to rest. */
export class Watch {
  readonly faults: string[] = [];
  /** The worker dies when Apple is next asked for this. */
  killAt: string | null = null;
  /** Whether Apple's answers are held back, of whatever path. */
  holds = false;
  /** Whether the service knows that it may not write, and what it had sent by then has come. */
  #isFrozen = false;

  constructor(
    private readonly world: World,
    private readonly simulator: () => AppleSimulator,
    private readonly product: Product,
    private readonly adamIds: ReadonlyMap<string, string>,
    private readonly kill: () => Promise<unknown>,
  ) {
    product.onOrder = (order) => this.#heedOrder(order);
  }

  /** Waits until what was on its way has come: whatever follows is seen to be sent by a frozen token. */
  async freeze(): Promise<void> {
    await sleep(GRACE_MS);
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
  }

  /** To be called when a request reaches Apple, before it has its effect. */
  heedRequest(path: string): void {
    if (path === this.killAt) {
      this.killAt = null;
      // The request has come in and is carried out; nobody will hear the answer.
      void this.kill();
    }
    if (!WRITES.has(path)) return;
    if (this.#isFrozen) this.faults.push(`Apple was asked for ${path} while the token was frozen`);
    const body = this.simulator().world.requests.entries.at(-1)?.body as WriteBody | undefined;
    if (path === "/assets/disassociate" && body) this.#heedReturn(body);
    if (path === "/assets/associate" && body) this.#heedClaim(body);
  }

  /** No more is claimed than is free (rule 4), as far as we can know it. */
  #heedClaim({ assets = [], serialNumbers = [], clientUserIds = [] }: WriteBody): void {
    for (const { adamId } of assets) {
      const app = this.#appOf(adamId);
      const holders = new Set(this.holdersAt(app).map(({ kind, holder }) => `${kind} ${holder}`));
      const wanted = [
        ...serialNumbers.map((serial) => `DEVICE ${deviceOf(serial)}`),
        ...clientUserIds.map((id) => `USER ${this.#userOf(id)}`),
      ].filter((holder) => !holders.has(holder)).length;
      const room = this.#location.assets.find(adamId, "STDQ")?.room ?? 0;
      if (wanted > room && !this.world.unsteady.has(app))
        this.faults.push(`${wanted} of ${app} were claimed, ${room} are free`);
    }
  }

  /** A licence goes back only when the app is gone from the device (section 3, and "Flip" in the design). */
  #heedReturn({ assets = [], serialNumbers = [], clientUserIds = [] }: WriteBody): void {
    for (const { adamId } of assets) {
      const app = this.#appOf(adamId);
      for (const device of serialNumbers.map(deviceOf)) this.#heedReturnFor(app, device, "DEVICE");
      for (const clientUserId of clientUserIds) {
        const user = this.#userOf(clientUserId);
        for (const [device, { user: owner }] of this.world.devices) {
          if (owner === user) this.#heedReturnFor(app, device, "USER");
        }
      }
    }
  }

  #heedReturnFor(app: string, device: string, kind: "USER" | "DEVICE"): void {
    if (!this.product.isInstalled(device, this.adamIds.get(app) ?? "")) return;
    const reclaims = this.world.deployments.some(
      (one) => one.app === app && one.onLeave === "RECLAIM" && one.everReached.has(device),
    );
    const other = kind === "DEVICE" ? "USER" : "DEVICE";
    if (reclaims || this.holdersAt(app).some((place) => place.kind === other && this.#serves(place, device))) return;
    this.faults.push(`${app}'s licence for ${device} went back while the app was on it`);
  }

  #serves({ kind, holder }: { kind: string; holder: string }, device: string): boolean {
    return kind === "DEVICE" ? holder === device : this.world.devices.get(device)?.user === holder;
  }

  #heedOrder(order: Order): void {
    const app = this.#appOf(order.adamId);
    if (order.action === "remove") {
      if (this.#isFrozen) this.faults.push(`${app} was to be removed from ${order.device} while the token was frozen`);
      return;
    }
    if (this.world.taken.has(`${app} ${order.device}`)) return;
    const owners = this.world.owners.get(order.device) ?? new Set();
    const served = this.holdersAt(app).some(({ kind, holder }) =>
      kind === "DEVICE" ? holder === order.device : owners.has(holder),
    );
    if (!served) this.faults.push(`${app} was to be installed on ${order.device} before there was a licence`);
  }

  /** Who holds an app at Apple, in the model's names. */
  holdersAt(app: string): { kind: "USER" | "DEVICE"; holder: string }[] {
    const adamId = this.adamIds.get(app);
    return [...this.#location.assignments.rows].flatMap(({ asset, holder, removed }) => {
      if (removed || asset.item.adamId !== adamId) return [];
      if (holder.kind === "device") return { kind: "DEVICE" as const, holder: deviceOf(holder.serialNumber) };
      return { kind: "USER" as const, holder: nameOf(holder.email) };
    });
  }

  get #location(): Location {
    const [location] = this.simulator().world.locations;
    if (!location) throw new Error("The simulator has no location");
    return location;
  }

  #appOf(adamId: string): string {
    return [...this.adamIds].find(([, id]) => id === adamId)?.[0] ?? adamId;
  }

  #userOf(clientUserId: string): string {
    return nameOf(this.#location.users.active(clientUserId)?.email);
  }
}

/** The model's name of the person whose address this is. */
export function nameOf(address: string | undefined): string {
  return (address ?? "").split("@")[0] ?? "";
}

import { Disturbances, hasPathPart, type PathMatch } from "../disturbances/disturbances.js";
import { RequestLog } from "../http/request-log.js";
import { SeededRandom } from "../random.js";
import { turnSwitches } from "../switches/turn-switches.js";
import { Activity } from "./activity.js";
import type { CommandQueue } from "./command-queue.js";
import type { PlannedFailure } from "./disturbances.js";
import type { ReceivedRequest } from "./received-request.js";
import { type DeviceKind, newDevice, type SimulatedDevice } from "./simulated-device.js";
import type { Store } from "./store.js";
import { defaultSwitches, type Switches, type SwitchesInput } from "./switches.js";
import { Webhook } from "./webhook.js";

export type Flavour = "nanomdm" | "micromdm";

/** One channel of a device at the server: what commands are queued for. */
export interface Enrollment {
  readonly id: string;
  /** As NanoMDM names it. */
  readonly type: "Device" | "User" | "User Enrollment (Device)" | "User Enrollment" | "Shared iPad";
  readonly device: SimulatedDevice;
  /** The user behind a user channel. */
  readonly user: { readonly id: string; readonly shortName: string; readonly longName: string } | null;
  readonly queue: CommandQueue;
  tokenUpdates: number;
}

export interface PushCertificate {
  readonly topic: string;
  notAfter: Date;
}

/** Everything that there is: the server's side and the devices. */
export class World {
  readonly switches: Switches = defaultSwitches();
  readonly random: SeededRandom;
  readonly devices: SimulatedDevice[] = [];
  readonly enrollments = new Map<string, Enrollment>();
  /** Of ids that nobody has enrolled, with a key-value storage. */
  readonly ghosts = new Map<string, CommandQueue>();
  readonly commandUuids = new Set<string>();
  readonly activity = new Activity();
  readonly webhook: Webhook;
  readonly requests: RequestLog<ReceivedRequest>;
  readonly disturbances = new Disturbances<PathMatch, PlannedFailure>(hasPathPart);
  pushCertificate: PushCertificate | null;
  apiKey: string;

  constructor(
    readonly flavour: Flavour,
    readonly seed: number,
    readonly store: Store,
    apiKey: string,
    switches: SwitchesInput,
  ) {
    turnSwitches(this.switches, switches);
    this.random = new SeededRandom(seed);
    this.apiKey = apiKey;
    this.webhook = new Webhook(this.switches, new SeededRandom(seed, 1), flavour === "nanomdm", this.activity);
    this.requests = new RequestLog(this.switches);
    this.pushCertificate = {
      topic: `com.apple.mgmt.External.${this.random.uuid()}`,
      notAfter: new Date(Math.ceil(Date.now() / 1000) * 1000 + 200 * 86_400_000),
    };
  }

  /** Puts a new device on a desk. @param name a part of its serial number. */
  addDevice(kind: DeviceKind, serialNumber: string, account: string | null): SimulatedDevice {
    const udid = this.#udid(kind);
    const id = kind === "UserEnrollment" ? this.random.uuid().toUpperCase() : udid;
    const device = newDevice(kind, { id, udid, serialNumber, account });
    this.devices.push(device);
    return device;
  }

  find(device: string): SimulatedDevice | undefined {
    return this.devices.find(({ id, udid, serialNumber }) => [id, udid, serialNumber].includes(device));
  }

  #udid(kind: DeviceKind): string {
    if (kind === "Mac") return this.random.uuid().toUpperCase();
    return `00008110-${this.random.bytes(8).toString("hex").toUpperCase()}`;
  }
}

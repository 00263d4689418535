import { Disturbances, hasPathPart, type PathMatch } from "../disturbances/disturbances.js";
import { SeededRandom } from "../random.js";
import { turnSwitches } from "../switches/turn-switches.js";
import { AccessTokens } from "./access-tokens.js";
import { checkIn } from "./check-in.js";
import { DeltaLog } from "./delta-log.js";
import { memberLookup } from "./directory.js";
import type { PlannedFailure } from "./disturbances.js";
import type { ExportJob } from "./endpoints/export-jobs.js";
import type { DirectoryDevice, Group, ManagedDevice, MobileApp, User, VppToken } from "./model.js";
import { RequestLog } from "./request-log.js";
import { defaultSwitches, type Switches, type SwitchesInput } from "./switches.js";

/** The APNs certificate of the tenant; null when there is none. */
export interface PushCertificate {
  readonly appleIdentifier: string;
  expirationDateTime: string;
}

/** Who may sign in, and what they may do. */
export interface AppRegistration {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM texts of the certificates whose signatures are accepted instead of the secret. */
  readonly certificates: string[];
  /** Application permissions that were granted. */
  permissions: Set<string>;
}

/** A tenant, and everything that is remembered of it. */
export class World {
  readonly users = new Map<string, User>();
  readonly directoryDevices = new Map<string, DirectoryDevice>();
  /** Ids of directory devices by their `deviceId`. */
  readonly directoryIds = new Map<string, string>();
  readonly groups = new Map<string, Group>();
  readonly devices = new Map<string, ManagedDevice>();
  readonly tokens = new Map<string, VppToken>();
  readonly apps = new Map<string, MobileApp>();
  readonly exports = new Map<string, ExportJob>();
  readonly random: SeededRandom;
  readonly switches: Switches = defaultSwitches();
  readonly accessTokens: AccessTokens;
  readonly disturbances = new Disturbances<PathMatch, PlannedFailure>(hasPathPart);
  readonly requests = new RequestLog(this.switches);
  readonly delta = new DeltaLog();
  pushCertificate: PushCertificate | null;
  /** False: Intune's calls are refused, as in a tenant without an Intune license. */
  intuneLicensed = true;
  readonly #timers = new Set<NodeJS.Timeout>();
  #checkInIsPlanned = false;

  constructor(
    readonly registration: AppRegistration,
    seed: number,
    switches: SwitchesInput,
  ) {
    this.random = new SeededRandom(seed);
    this.accessTokens = new AccessTokens(registration, this.switches);
    turnSwitches(this.switches, switches);
    this.pushCertificate = { appleIdentifier: "push@example.com", expirationDateTime: inDays(300) };
  }

  /** Does something later, unless the simulator is stopped before; it keeps no process alive. */
  after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Something that devices hear of has changed: they check in after the delay, if they do so by themselves. */
  changed(): void {
    if (this.switches.checkIns === "byControl" || this.#checkInIsPlanned) return;
    this.#checkInIsPlanned = true;
    this.after(this.switches.checkInDelayMs, () => {
      this.#checkInIsPlanned = false;
      if (this.checkInAll()) this.changed();
    });
  }

  /** Every device that is not offline checks in. @returns whether one has something left to do. */
  checkInAll(): boolean {
    const membersOf = memberLookup(this);
    const busy = [...this.devices.values()].map((device) => checkIn(this, device, membersOf));
    return busy.some(Boolean);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.disturbances.release();
  }
}

export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

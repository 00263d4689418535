import { SeededRandom } from "../../random.js";
import { turnSwitches } from "../../switches/turn-switches.js";
import { AccessTokens } from "../access/access-tokens.js";
import { Disturbances } from "../disturbances.js";
import { RequestLog } from "../request-log.js";
import { defaultSwitches, type SwitchesInput } from "../switches.js";
import { Timeline } from "../timeline.js";
import { Applications } from "./applications.js";
import { Assignments } from "./assignments.js";
import { Collections } from "./collections.js";
import { Policy } from "./policy.js";
import type { Account, ClientApp, System, User } from "./records.js";
import { Reports } from "./reports.js";
import { Summaries } from "./summaries.js";

/** Whether an install finds a licence at Apple; asked as the device installs. */
export type LicenseHook = (adamId: string, system: System) => boolean;

const FIRST_RESOURCE_ID = 16_777_220;
const FIRST_USER_ID = 2_063_597_568;

/** Everything that the simulated site knows, and what the control plane has set. */
export class Site {
  readonly code = "P01";
  readonly id: string;
  readonly switches = defaultSwitches();
  readonly timeline = new Timeline();
  readonly disturbances = new Disturbances();
  readonly requests = new RequestLog(this.switches);
  readonly tokens = new AccessTokens(this.switches);
  readonly random: SeededRandom;
  readonly accounts: Account[] = [];
  readonly clientApps: ClientApp[] = [];
  readonly users = new Map<number, User>();
  readonly systems = new Map<number, System>();
  readonly collections = new Collections(this);
  readonly applications = new Applications();
  readonly assignments = new Assignments(this);
  readonly reports = new Reports(this);
  readonly summaries = new Summaries(this);
  readonly policy = new Policy(this);
  /** Installs that find no licence, as `serial adamId`. */
  readonly withoutLicense = new Set<string>();
  readonly #hook: LicenseHook | undefined;

  constructor(seed: number, switches: SwitchesInput, hook: LicenseHook | undefined) {
    this.random = new SeededRandom(seed);
    this.id = this.random.uuid().toUpperCase();
    this.#hook = hook;
    turnSwitches(this.switches, switches);
    this.collections.addBuiltIn();
  }

  addUser(fields: Omit<User, "ResourceID">): User {
    const user: User = { ResourceID: FIRST_USER_ID + this.users.size, ...fields };
    this.users.set(user.ResourceID, user);
    return user;
  }

  addSystem(fields: Omit<System, "ResourceID" | "installed">): System {
    const ids = [...this.systems.keys()];
    const ResourceID = (ids.at(-1) ?? FIRST_RESOURCE_ID - 1) + 1;
    const system: System = { ResourceID, installed: new Set(), ...fields };
    this.systems.set(ResourceID, system);
    return system;
  }

  hasLicense(adamId: string, system: System): boolean {
    if (this.withoutLicense.has(`${system.serial} ${adamId}`)) return false;
    return this.#hook?.(adamId, system) ?? true;
  }

  close(): void {
    this.disturbances.release();
    this.timeline.close();
  }
}

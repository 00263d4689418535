import type { Step } from "../contract.js";
import type { AppAt, Assignments } from "./assignments.js";
import type { KnownDevices } from "./known-devices.js";
import type { OwnGroups } from "./own-groups.js";
import type { Intent, ManagedDevice } from "./wire.js";

/** What steps are done with. */
export interface Reach {
  readonly devices: KnownDevices;
  readonly assignments: Assignments;
  readonly ownGroups: OwnGroups;
  readonly groupPrefix: string;
}

/** A step that can be done: its app object, and its device as Intune knows it. */
export interface Doable {
  readonly step: Step;
  readonly app: AppAt;
  readonly device: ManagedDevice;
}

export function intentOf({ action }: Step): Intent {
  return action === "remove" ? "uninstall" : "required";
}

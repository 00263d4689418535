import type { Asset } from "./asset.js";
import { OrderedRows } from "./ordered-rows.js";
import type { User } from "./users.js";
import { VersionLog } from "./version-log.js";
import { ViewCache } from "./view-cache.js";

/** A device known to Apple's side only because it holds something; any serial number is accepted. */
export interface Device {
  readonly kind: "device";
  readonly serialNumber: string;
  readonly assignments: Assignment[];
}

export type Holder = Device | User;

export interface Assignment {
  readonly sequence: number;
  readonly asset: Asset;
  readonly holder: Holder;
  removed: boolean;
}

/** All assignments of a location, in the order they were made, with an index by asset and one by holder. */
export class Assignments {
  readonly rows = new OrderedRows<Assignment>();
  readonly views = new ViewCache<Assignment>();
  readonly versions: VersionLog<Assignment>;
  readonly #devices = new Map<string, Device>();
  #sequence = 0;

  constructor(newId: () => string) {
    this.versions = new VersionLog(newId);
  }

  /** The device of that serial number; one that holds nothing yet is made, and kept once it holds something. */
  device(serialNumber: string): Device {
    return this.#devices.get(serialNumber) ?? { kind: "device", serialNumber, assignments: [] };
  }

  find(asset: Asset, holder: Holder): Assignment | undefined {
    return holder.assignments.find((assignment) => assignment.asset === asset);
  }

  add(asset: Asset, holder: Holder): Assignment {
    this.#sequence += 1;
    const assignment: Assignment = { sequence: this.#sequence, asset, holder, removed: false };
    this.rows.append(assignment);
    asset.assignments.append(assignment);
    holder.assignments.push(assignment);
    if (holder.kind === "device") this.#devices.set(holder.serialNumber, holder);
    return assignment;
  }

  remove(assignment: Assignment): void {
    const { asset, holder } = assignment;
    assignment.removed = true;
    this.rows.delete(assignment);
    asset.assignments.delete(assignment);
    holder.assignments.splice(holder.assignments.indexOf(assignment), 1);
    if (holder.kind === "device" && holder.assignments.length === 0) this.#devices.delete(holder.serialNumber);
  }
}

import type { Asset } from "./asset.js";
import { OrderedRows } from "./ordered-rows.js";
import type { Switches } from "./switches.js";
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
  /** Its place in the list; 0 until it is listed. */
  sequence: number;
  readonly asset: Asset;
  readonly holder: Holder;
  /** Whether the lists show it: with a lag, later than it was made and longer than it is held. */
  listed: boolean;
  removed: boolean;
}

/** All assignments of a location, in the order they were listed, with an index by asset and one by holder. */
export class Assignments {
  readonly rows = new OrderedRows<Assignment>();
  readonly views = new ViewCache<Assignment>();
  readonly versions: VersionLog<Assignment>;
  readonly #devices = new Map<string, Device>();
  #sequence = 0;

  constructor(newId: () => string, switches: Switches) {
    this.versions = new VersionLog(newId, switches);
  }

  /** The device of that serial number; one that holds nothing yet is made, and kept once it holds something. */
  device(serialNumber: string): Device {
    return this.#devices.get(serialNumber) ?? { kind: "device", serialNumber, assignments: [] };
  }

  find(asset: Asset, holder: Holder): Assignment | undefined {
    return holder.assignments.find((assignment) => assignment.asset === asset && !assignment.removed);
  }

  /** The licence is taken from now on; the lists do not show it yet. */
  add(asset: Asset, holder: Holder): Assignment {
    const assignment: Assignment = { sequence: 0, asset, holder, listed: false, removed: false };
    asset.heldCount += 1;
    holder.assignments.push(assignment);
    if (holder.kind === "device") this.#devices.set(holder.serialNumber, holder);
    return assignment;
  }

  /** Shows it at the end of the lists, unless it was removed meanwhile. */
  list(assignment: Assignment): void {
    if (assignment.removed) return;
    this.#sequence += 1;
    assignment.sequence = this.#sequence;
    assignment.listed = true;
    this.rows.append(assignment);
    assignment.asset.assignments.append(assignment);
  }

  /** The licence is free from now on; the lists still show it. */
  remove(assignment: Assignment): void {
    assignment.removed = true;
    assignment.asset.heldCount -= 1;
  }

  /** Takes a removed one out of the lists. */
  unlist(assignment: Assignment): void {
    const { asset, holder } = assignment;
    if (assignment.listed) {
      assignment.listed = false;
      this.rows.delete(assignment);
      asset.assignments.delete(assignment);
    }
    holder.assignments.splice(holder.assignments.indexOf(assignment), 1);
    if (holder.kind === "device" && holder.assignments.length === 0) this.#devices.delete(holder.serialNumber);
  }
}

import type { Switches } from "./switches.js";

/** The oldest ids lapse beyond that, so that memory does not grow with every change for ever. */
const KEPT_VERSIONS = 100_000;

interface Version {
  readonly number: number;
  /** When a newer one took its place, in ms since the epoch. */
  supersededAt: number;
}

/**
 * The version ids of one list of one location, and which rows changed after each. Every commit with a change makes a new
 * id; a superseded id stays usable for `versionIdLifetimeMs` (Apple documents no lifetime).
 */
export class VersionLog<Row> {
  readonly #newId: () => string;
  readonly #switches: Switches;
  readonly #versions = new Map<string, Version>();
  #changes: { number: number; row: Row }[] = [];
  #number = 0;
  #touched = false;
  #current: string;

  constructor(newId: () => string, switches: Switches) {
    this.#newId = newId;
    this.#switches = switches;
    this.#current = this.#add();
  }

  get current(): string {
    return this.#current;
  }

  /** Notes that the row is new, changed or gone in the commit under way. */
  touch(row: Row): void {
    this.#touched = true;
    this.#changes.push({ number: this.#number + 1, row });
  }

  /** Gives the changes since the last commit one new version id; without changes the id stays. */
  commit(): void {
    if (!this.#touched) return;
    this.#touched = false;
    this.#number += 1;
    const superseded = this.#versions.get(this.#current);
    if (superseded !== undefined) superseded.supersededAt = Date.now();
    this.#current = this.#add();
    const oldest = this.#versions.keys().next().value;
    if (this.#versions.size > KEPT_VERSIONS && oldest !== undefined) this.#versions.delete(oldest);
  }

  /** Every id so far is unknown from now on; the list, unchanged, has a new one. */
  forget(): void {
    this.#versions.clear();
    this.#changes = [];
    this.#current = this.#add();
  }

  /** Whether that id can be used: it is known, and has not lapsed. */
  knows(versionId: string): boolean {
    const known = this.#versions.get(versionId);
    return known !== undefined && !this.#lapsed(known);
  }

  /** The rows touched after a version that is known, each once, in the order of their first change. */
  since(versionId: string): Row[] {
    const rows = new Set<Row>();
    const { number } = this.#versions.get(versionId) ?? { number: this.#number };
    for (let index = this.#firstAfter(number); index < this.#changes.length; index += 1) {
      const change = this.#changes[index];
      if (change !== undefined) rows.add(change.row);
    }
    return [...rows];
  }

  #add(): string {
    const id = this.#newId();
    this.#versions.set(id, { number: this.#number, supersededAt: Number.POSITIVE_INFINITY });
    return id;
  }

  #lapsed({ supersededAt }: Version): boolean {
    const { versionIdLifetimeMs } = this.#switches;
    return versionIdLifetimeMs > 0 && supersededAt + versionIdLifetimeMs <= Date.now();
  }

  #firstAfter(number: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.number ?? 0) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * The version ids of one list of one location, and which rows changed after each. Every commit with a change makes a new
 * id; ids stay usable as long as the simulator runs (Apple documents no lifetime).
 */
export class VersionLog<Row> {
  readonly #newId: () => string;
  readonly #numbers = new Map<string, number>();
  readonly #changes: { number: number; row: Row }[] = [];
  #number = 0;
  #touched = false;
  #current: string;

  constructor(newId: () => string) {
    this.#newId = newId;
    this.#current = newId();
    this.#numbers.set(this.#current, 0);
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
    this.#current = this.#newId();
    this.#numbers.set(this.#current, this.#number);
  }

  /** The rows touched after that version, each once, in the order of their first change; undefined for an unknown id. */
  since(versionId: string): Row[] | undefined {
    const known = this.#numbers.get(versionId);
    if (known === undefined) return undefined;
    const rows = new Set<Row>();
    for (let index = this.#firstAfter(known); index < this.#changes.length; index += 1) {
      const change = this.#changes[index];
      if (change !== undefined) rows.add(change.row);
    }
    return [...rows];
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

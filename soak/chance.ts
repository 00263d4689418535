import { SeededRandom } from "../simulators/random.js";

/** What of several things happens, as the seed says. */
export class Chance {
  readonly #random: SeededRandom;

  constructor(seed: number, stream: number) {
    this.#random = new SeededRandom(seed, stream);
  }

  /** True in that part of all cases. */
  happens(part: number): boolean {
    return this.#random.next() < part;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + this.#random.integer(most - least + 1);
  }

  /** @throws Error for an empty list. */
  one<Item>(items: readonly Item[]): Item {
    const item = items[this.#random.integer(items.length)];
    if (item === undefined) throw new Error("There is nothing to choose from");
    return item;
  }

  /** So many different ones, or all if there are not so many. */
  some<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    const chosen: Item[] = [];
    while (chosen.length < count && left.length > 0) {
      chosen.push(...left.splice(this.#random.integer(left.length), 1));
    }
    return chosen;
  }

  /** One of them, each as often as its weight says. */
  weighted<Item extends { readonly weight: number }>(items: readonly Item[]): Item {
    let place = this.#random.next() * items.reduce((sum, { weight }) => sum + weight, 0);
    for (const item of items) {
      place -= item.weight;
      if (place < 0) return item;
    }
    return this.one(items);
  }
}

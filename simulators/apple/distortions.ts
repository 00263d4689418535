/** How one asset is shown other than it is. */
export interface Distortion {
  /** Fields that get another value, or that Apple does not have. */
  set: Record<string, unknown>;
  /** Fields that are missing. */
  omit: string[];
  /** In how many more reads; without a bound if left out. */
  reads: number | undefined;
}

/** Absurd rows on demand, by asset, so that clients can be tried with them. */
export class Distortions {
  readonly #byKey = new Map<string, Distortion>();

  /** @param key of the asset. */
  set(key: string, distortion: Distortion): void {
    this.#byKey.set(key, { ...distortion });
  }

  /** Shows the asset as it is again. */
  clear(key: string): void {
    this.#byKey.delete(key);
  }

  /** The row as this read shows it. */
  apply(key: string, row: object): object {
    const distortion = this.#byKey.get(key);
    if (distortion === undefined) return row;
    if (distortion.reads !== undefined) {
      distortion.reads -= 1;
      if (distortion.reads === 0) this.#byKey.delete(key);
    }
    const shown = Object.entries({ ...row, ...distortion.set });
    return Object.fromEntries(shown.filter(([field]) => !distortion.omit.includes(field)));
  }
}

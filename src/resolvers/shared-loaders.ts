import type { Scoped } from "../queries/scopes.js";
import { Loaders } from "./loaders.js";

interface Shared {
  readonly loaders: Loaders;
  sharers: number;
}

/** Loaders that all share who see the same, as long as one of them is there: so what they ask for is read together. */
export class SharedLoaders {
  /** By the teams that are seen. */
  readonly #shared = new Map<string, Shared>();

  /** @returns the loaders, and what gives them back; once, however often it is called. */
  share(scoped: Scoped): { readonly loaders: Loaders; leave(): void } {
    const key = JSON.stringify(scoped.teams?.toSorted() ?? null);
    const shared = this.#shared.get(key) ?? { loaders: new Loaders(scoped), sharers: 0 };
    this.#shared.set(key, shared);
    shared.sharers += 1;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      shared.sharers -= 1;
      if (shared.sharers === 0) this.#shared.delete(key);
    };
    return { loaders: shared.loaders, leave };
  }
}

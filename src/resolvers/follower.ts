import type { NodeKey } from "../queries/node-key.js";
import type { ChangedKeys } from "../sync/watch/change-feed.js";

/** More rows than this are not remembered one by one: the subscriber is told everything again instead. */
const MOST_KEYS = 1_000;

/** What one subscriber has yet to be told: bounded, however slow it is. */
export class Follower {
  /** Null: everything, as at the beginning. */
  #keys: Map<string, NodeKey> | null = null;
  #told = true;
  #left = false;
  #wake: () => void = () => undefined;

  /**
   * @param tokenId only rows of this token; null for all
   * @param only only rows with one of these keys, their parts joined by ":"; null for all
   */
  constructor(
    private readonly tokenId: string | null,
    private readonly only: ReadonlySet<string> | null = null,
  ) {}

  /** These rows have changed; with null, any may have. */
  tell(keys: ChangedKeys): void {
    if (keys === null) this.tellEverything();
    else for (const key of keys) this.add(key);
    if (this.#told) this.#wake();
  }

  /** Waits until there is something to be told. False once the subscriber has left. */
  async isTold(): Promise<boolean> {
    while (!this.#told && !this.#left) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return !this.#left;
  }

  /** What is to be told, which from now on is nothing; null for everything. */
  take(): readonly NodeKey[] | null {
    const keys = this.#keys;
    this.#keys = new Map();
    this.#told = false;
    return keys && [...keys.values()];
  }

  leave(): void {
    this.#left = true;
    this.#wake();
  }

  private add(key: string): void {
    const parts = key.split(":");
    if (this.tokenId !== null && parts[0] !== this.tokenId) return;
    if (this.only !== null && !this.only.has(key)) return;
    this.#told = true;
    this.#keys?.set(key, parts);
    if (this.#keys && this.#keys.size > MOST_KEYS) this.tellEverything();
  }

  private tellEverything(): void {
    this.#told = true;
    this.#keys = null;
  }
}

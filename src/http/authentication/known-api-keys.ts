import { readApiKeys, type StoredApiKey } from "../../queries/api-keys.js";
import { prefixOf } from "../../sync/access/api-key-text.js";
import { noteApiKeyUse, USE_NOTED_MS } from "../../sync/access/note-api-key-use.js";
import { isSameHash } from "../../sync/access/secret-hash.js";
import type { Core } from "../../sync/core.js";
import type { ChangedKeys, ChangeFeed } from "../../sync/watch/change-feed.js";
import type { Session } from "./session.js";

/** What was read longer ago is read again before it is believed; all in real time, as the database's sessions are. */
const BELIEVED_MS = 900;
/** What was read longer ago is read again meanwhile, and while subscriptions are open. */
const FRESH_MS = 450;
/** What nobody used for so long is forgotten. */
const FORGOTTEN_MS = 60_000;

interface Known {
  readonly key: StoredApiKey;
  readonly session: Session;
  /** Before it was read. */
  readAt: number;
  usedAt: number;
  notedAt: number;
}

/**
 * The API keys that are in use. Nothing is asked of the database for one that was read within a second, and all of them
 * are read in one statement, twice a second at most; the change feed tells of revocations sooner than that.
 */
export class KnownApiKeys {
  readonly #known = new Map<string, Known>();
  readonly #followers = new Map<string, Set<() => void>>();
  readonly #begun = new Map<string, Promise<void>>();
  readonly #writes = new Set<Promise<void>>();
  readonly #stopListening: () => void;
  #reading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly core: Core,
    changes: ChangeFeed,
  ) {
    this.#stopListening = changes.listen("api_key", (prefixes) => this.forget(prefixes));
  }

  /**
   * Who holds this key; null when it is none, or over.
   * @param hash of the key.
   */
  async find(text: string, hash: Uint8Array): Promise<Session | null> {
    const prefix = prefixOf(text);
    if (prefix === null) return null;
    const known = await this.recent(prefix);
    if (!known || !isSameHash(hash, known.key.hash) || this.isOver(known.key)) return null;
    this.noteUse(known);
    return known.session;
  }

  async close(): Promise<void> {
    this.#stopListening();
    clearInterval(this.#timer);
    await this.#reading;
    await Promise.all(this.#writes);
  }

  private async recent(prefix: string): Promise<Known | null> {
    const known = this.#known.get(prefix);
    const age = known ? performance.now() - known.readAt : Number.POSITIVE_INFINITY;
    if (known && age < BELIEVED_MS) {
      if (age > FRESH_MS) this.readAgain();
      return known;
    }
    await this.readOnce(prefix);
    return this.#known.get(prefix) ?? null;
  }

  /** Whoever asks for the same key meanwhile waits for the same reading. */
  private readOnce(prefix: string): Promise<void> {
    const begun = this.#begun.get(prefix);
    if (begun) return begun;
    const reading = this.read([prefix]).finally(() => this.#begun.delete(prefix));
    this.#begun.set(prefix, reading);
    return reading;
  }

  /** In the background; whoever needs to know waits for a reading of its own, and is told of the failure. */
  private readAgain(): void {
    if (this.#reading) return;
    const now = performance.now();
    for (const [prefix, { usedAt }] of this.#known) {
      if (now - usedAt > FORGOTTEN_MS && !this.#followers.has(prefix)) this.#known.delete(prefix);
    }
    this.#reading = this.read([...new Set([...this.#known.keys(), ...this.#followers.keys()])])
      .catch((error: unknown) => this.core.log.warn({ error }, "API keys cannot be looked at"))
      .finally(() => {
        this.#reading = null;
      });
  }

  private async read(prefixes: readonly string[]): Promise<void> {
    const readAt = performance.now();
    const found = new Map((await readApiKeys(this.core.dataSource, prefixes)).map((key) => [key.prefix, key]));
    for (const prefix of prefixes) {
      const key = found.get(prefix);
      const before = this.#known.get(prefix);
      if (before && before.readAt > readAt) continue;
      if (key)
        this.#known.set(prefix, { ...(before ?? newlyKnown(readAt)), key, readAt, session: this.sessionOf(key) });
      else this.#known.delete(prefix);
      if (!key || this.isOver(key)) this.end(prefix);
    }
  }

  /** The same session for as long as the key is known. */
  private sessionOf({ prefix, name, role, teams }: StoredApiKey): Session {
    const before = this.#known.get(prefix)?.session;
    return (
      before ?? {
        access: { actor: `key:${name}`, role, teams },
        onEnd: (ended) => this.follow(prefix, ended),
      }
    );
  }

  private isOver({ revokedAt, expiresAt }: StoredApiKey): boolean {
    return revokedAt !== null || (expiresAt !== null && expiresAt <= this.core.clock.now());
  }

  private follow(prefix: string, ended: () => void): () => void {
    const followers = this.#followers.get(prefix) ?? new Set();
    this.#followers.set(prefix, followers.add(ended));
    this.#timer ??= setInterval(() => this.readAgain(), FRESH_MS);
    return () => {
      followers.delete(ended);
      if (followers.size === 0 && this.#followers.get(prefix) === followers) this.#followers.delete(prefix);
      if (this.#followers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  private end(prefix: string): void {
    for (const ended of [...(this.#followers.get(prefix) ?? [])]) ended();
  }

  /** What may have been revoked is asked for anew; with null, anything may. */
  private forget(prefixes: ChangedKeys): void {
    for (const prefix of prefixes ?? [...this.#known.keys()]) this.#known.delete(prefix);
    if (this.#followers.size > 0) this.readAgain();
  }

  private noteUse(known: Known): void {
    const now = performance.now();
    known.usedAt = now;
    if (now - known.notedAt < USE_NOTED_MS) return;
    known.notedAt = now;
    const write = noteApiKeyUse(this.core, known.key.prefix)
      .catch((error: unknown) => this.core.log.warn({ error }, "The use of an API key cannot be noted"))
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }
}

function newlyKnown(readAt: number): Pick<Known, "usedAt" | "notedAt"> {
  return { usedAt: readAt, notedAt: Number.NEGATIVE_INFINITY };
}

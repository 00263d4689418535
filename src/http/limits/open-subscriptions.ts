import type { Access } from "../../schema/access.js";
import { overLimit } from "./over-limit.js";

/** Counts the subscriptions that each caller has open, whatever way they came in; each replica for itself. */
export class OpenSubscriptions {
  readonly #open = new Map<string, number>();

  /** @param limit of one key or person; null for any number. */
  constructor(private readonly limit: number | null) {}

  /**
   * Counts one more.
   * @returns what is to be called once, when it has ended.
   * @throws AppError LIMIT_EXCEEDED when this is one too many.
   */
  begin({ actor }: Access): () => void {
    const asked = (this.#open.get(actor) ?? 0) + 1;
    if (this.limit !== null && asked > this.limit) {
      const advice = "One key may have so many subscriptions open. End some, or follow more with each.";
      throw overLimit("openSubscriptions", this.limit, asked, advice);
    }
    this.#open.set(actor, asked);
    return () => this.end(actor);
  }

  private end(actor: string): void {
    const left = (this.#open.get(actor) ?? 0) - 1;
    if (left > 0) this.#open.set(actor, left);
    else this.#open.delete(actor);
  }
}

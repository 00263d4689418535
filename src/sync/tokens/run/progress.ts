import type { Core } from "../../core.js";
import type { SyncRunRecord } from "./run-record.js";

/** Pages are told of no more often than this, in milliseconds of real time. */
const TELL_EVERY_MS = 400;

/** Counts the pages of a run and now and then writes them down. */
export class Progress {
  #read = 0;
  #known = 0;
  #toldAt = 0;

  constructor(
    private readonly core: Core,
    private readonly run: SyncRunRecord,
  ) {}

  /** So many more pages turn out to exist. */
  expect(pages: number): void {
    this.#known += pages;
  }

  async pageRead(): Promise<void> {
    this.#read += 1;
    const now = Date.now();
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    await this.tell();
  }

  async tell(): Promise<void> {
    await this.core.dataSource.query(
      `UPDATE sync_run SET pages_read = $4, pages_known = $5
       WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL`,
      [this.run.tokenId, this.run.id, this.run.attempts, this.#read, Math.max(this.#read, this.#known)],
    );
  }
}

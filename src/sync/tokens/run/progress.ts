import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { isRunOurs, RunLostError, type SyncRunRecord } from "./run-record.js";

/** How often pages are told of, and the run is looked at, in milliseconds of real time. */
const TELL_EVERY_MS = 400;

/** Counts the pages of a run and now and then writes them down. */
export class Progress {
  readonly #end = new AbortController();
  #read = 0;
  #known = 0;
  #told = "";

  constructor(
    private readonly core: Core,
    private readonly run: SyncRunRecord,
  ) {}

  /** Aborted once the run is found lost, with the RunLostError as its reason: what is being read is of no use then. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** So many more pages turn out to exist. */
  expect(pages: number): void {
    this.#known += pages;
  }

  pageRead(): void {
    this.#read += 1;
  }

  /** @throws RunLostError. */
  async tell(): Promise<void> {
    const known = Math.max(this.#read, this.#known);
    const news = `${this.#read} of ${known}`;
    const { tokenId, id, attempts } = this.run;
    const own =
      news === this.#told
        ? await isRunOurs(this.core, this.run)
        : await row(
            this.core.dataSource,
            `UPDATE sync_run SET pages_read = $4, pages_known = $5
             WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL RETURNING id`,
            [tokenId, id, attempts, this.#read, known],
          );
    if (!own) throw new RunLostError(`The run ${id} is no longer this worker's`);
    this.#told = news;
  }

  /** Does the work, telling of it as it goes. @throws RunLostError soon after the run is lost, whatever is waited for. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    let telling = false;
    const timer = setInterval(async () => {
      // A merge holds the run's row: it is waited for once.
      if (telling) return;
      telling = true;
      await this.tell().catch((error: unknown) => this.#end.abort(error));
      telling = false;
    }, TELL_EVERY_MS);
    try {
      const result = await work();
      await this.tell();
      return result;
    } catch (error) {
      // Reads that are given up since the run is lost end with errors of their own.
      throw this.signal.aborted ? this.signal.reason : error;
    } finally {
      clearInterval(timer);
    }
  }
}

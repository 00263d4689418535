/** Requests that are to go wrong; what is left out matches all. */
export interface PlannedFailure {
  /** How many matching requests are left to fail. */
  count: number;
  /** A part of the path with its version, e.g. `/v1.0/users` or `/assignments`. */
  readonly path?: string | undefined;
  readonly method?: string | undefined;
  /** `answer` refuses without effect, `drop` cuts the connection before any effect, `afterEffect` after it. */
  readonly mode: "answer" | "drop" | "afterEffect";
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

/** What the control plane has planned to go wrong. */
export class Disturbances {
  /** Each request waits that long before it is handled. */
  slowMs = 0;
  readonly failures: PlannedFailure[] = [];
  readonly #holds: string[] = [];
  readonly #held: (() => void)[] = [];

  async slowDown(): Promise<void> {
    const { slowMs } = this;
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
  }

  /** The failure planned first for such a request, counted down. */
  takeFailure(method: string, path: string): PlannedFailure | undefined {
    const index = this.failures.findIndex(
      (failure) =>
        (failure.method === undefined || failure.method === method) &&
        (failure.path === undefined || path.includes(failure.path)),
    );
    const failure = this.failures[index];
    if (failure === undefined) return undefined;
    failure.count -= 1;
    if (failure.count === 0) this.failures.splice(index, 1);
    return failure;
  }

  /** Requests whose path has this part take effect and wait unanswered until the release. */
  hold(path: string): void {
    this.#holds.push(path);
  }

  async waitWhileHeld(path: string): Promise<void> {
    if (!this.#holds.some((part) => path.includes(part))) return;
    await new Promise<void>((resolve) => this.#held.push(resolve));
  }

  /** Ends every hold; answers how many requests had waited. */
  release(): number {
    this.#holds.length = 0;
    const held = this.#held.splice(0);
    for (const resolve of held) resolve();
    return held.length;
  }
}

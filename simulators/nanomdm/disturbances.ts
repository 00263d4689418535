/** Requests that are to go wrong; what is left out matches all. */
export interface PlannedFailure {
  /** How many matching requests are left to fail. */
  count: number;
  /** A part of the path, e.g. `/v1/enqueue`. */
  readonly path?: string | undefined;
  readonly method?: string | undefined;
  /** `answer` refuses without effect, `drop` cuts the connection before any effect, `afterEffect` after it. */
  readonly mode: "answer" | "drop" | "afterEffect";
  readonly status: number;
  readonly retryAfterSeconds?: number | undefined;
  /** Of `answer`: the body; a page of HTML if left out, as from a server in front. */
  readonly commandError?: string | undefined;
}

/** What the control plane has planned to go wrong at the API. */
export class Disturbances {
  /** Each request waits that long before it is handled. */
  slowMs = 0;
  readonly failures: PlannedFailure[] = [];

  async slowDown(): Promise<void> {
    const { slowMs } = this;
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
  }

  /** The failure planned first for such a request, counted down. */
  takeFailure(method: string, path: string): PlannedFailure | undefined {
    const failure = this.failures.find(
      (one) =>
        (one.path === undefined || path.includes(one.path)) && (one.method === undefined || one.method === method),
    );
    if (failure === undefined) return undefined;
    failure.count -= 1;
    if (failure.count <= 0) this.failures.splice(this.failures.indexOf(failure), 1);
    return failure;
  }
}

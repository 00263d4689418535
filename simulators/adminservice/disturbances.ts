/** Which requests are meant; what is left out matches all. */
export interface RequestMatch {
  readonly method?: string | undefined;
  /** The class that is asked for, whatever its case, e.g. `SMS_Collection`. */
  readonly class?: string | undefined;
}

export interface PlannedFailure extends RequestMatch {
  /** How many matching requests are left to fail. */
  count: number;
  /** `answer` refuses without effect, `drop` cuts the connection before any effect, `afterEffect` after it, `truncate` in the answer. */
  readonly mode: "answer" | "drop" | "afterEffect" | "truncate";
  readonly status: number;
}

/** What the control plane has planned to go wrong. */
export class Disturbances {
  /** Each request waits that long before it is handled. */
  slowMs = 0;
  /** Every request is answered with 503 until then, in ms since the epoch. */
  unavailableUntil = 0;
  /** What the account may not do: answered with 403. */
  readonly forbidden: RequestMatch[] = [];
  readonly failures: PlannedFailure[] = [];
  readonly #holds: RequestMatch[] = [];
  readonly #held: (() => void)[] = [];

  async slowDown(): Promise<void> {
    const { slowMs } = this;
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
  }

  /** The failure planned first for such a request, counted down. */
  takeFailure(method: string, className: string): PlannedFailure | undefined {
    const index = this.failures.findIndex((failure) => matches(failure, method, className));
    const failure = this.failures[index];
    if (failure === undefined) return undefined;
    failure.count -= 1;
    if (failure.count === 0) this.failures.splice(index, 1);
    return failure;
  }

  forbids(method: string, className: string): boolean {
    return this.forbidden.some((match) => matches(match, method, className));
  }

  hold(match: RequestMatch): void {
    this.#holds.push(match);
  }

  /** Waits, if such requests are held, until they are released. */
  async waitWhileHeld(method: string, className: string): Promise<void> {
    if (!this.#holds.some((match) => matches(match, method, className))) return;
    await new Promise<void>((resolve) => this.#held.push(resolve));
  }

  /** Ends every hold and lets the held answers go; answers how many there were. */
  release(): number {
    this.#holds.length = 0;
    const held = this.#held.splice(0);
    for (const resolve of held) resolve();
    return held.length;
  }
}

function matches(match: RequestMatch, method: string, className: string): boolean {
  const isMeant = match.class === undefined || match.class.toLowerCase() === className.toLowerCase();
  return isMeant && (match.method === undefined || match.method === method);
}

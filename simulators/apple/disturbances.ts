import type { Switches } from "./switches.js";

/** Which requests are meant; what is left out matches all. */
export interface RequestMatch {
  /** Relative to the v2 root, e.g. `/assets/associate`. */
  path?: string | undefined;
  method?: "GET" | "POST" | undefined;
}

export interface PlannedFailure extends RequestMatch {
  /** How many matching requests are left to fail. */
  count: number;
  /** `answer` refuses without effect, `drop` cuts the connection before any effect, `afterEffect` after it. */
  mode: "answer" | "drop" | "afterEffect";
  errorNumber?: number | undefined;
  status?: number | undefined;
  retryAfterSeconds?: number | undefined;
}

/** A window in which every request is refused. */
export interface Unavailability {
  /** In ms since the epoch. */
  until: number;
  /** An error number, or HTTP 503 with a page of HTML as from a server in front of the service. */
  answer: 9729 | 9644 | "html";
  /** How Retry-After is spelled meanwhile. */
  retryAfter: Switches["retryAfter"];
}

/** What the control plane has planned to go wrong on the Apple side. */
export class Disturbances {
  /** Each request waits that long before it is handled. */
  slowMs = 0;
  #unavailability: Unavailability | undefined;
  readonly #failures: PlannedFailure[] = [];
  readonly #holds: RequestMatch[] = [];
  readonly #held: (() => void)[] = [];

  get heldCount(): number {
    return this.#held.length;
  }

  /** Waits `slowMs`; a wait that is under way does not keep the process alive. */
  async slowDown(): Promise<void> {
    const { slowMs } = this;
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
  }

  closeUntil(unavailability: Unavailability): void {
    this.#unavailability = unavailability;
  }

  /** The window that is open now. */
  get unavailability(): Unavailability | undefined {
    const { until = 0 } = this.#unavailability ?? {};
    return until > Date.now() ? this.#unavailability : undefined;
  }

  planFailure(failure: PlannedFailure): void {
    this.#failures.push({ ...failure });
  }

  plannedFailures(): readonly PlannedFailure[] {
    return this.#failures;
  }

  /** The failure planned first for such a request, counted down. */
  takeFailure(method: string, path: string): PlannedFailure | undefined {
    const index = this.#failures.findIndex((failure) => matches(failure, method, path));
    const failure = this.#failures[index];
    if (failure === undefined) return undefined;
    failure.count -= 1;
    if (failure.count === 0) this.#failures.splice(index, 1);
    return failure;
  }

  hold(match: RequestMatch): void {
    this.#holds.push(match);
  }

  /** Waits, if such requests are held, until they are released. */
  async waitWhileHeld(method: string, path: string): Promise<void> {
    if (!this.#holds.some((match) => matches(match, method, path))) return;
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

function matches(match: RequestMatch, method: string, path: string): boolean {
  return (match.path === undefined || match.path === path) && (match.method === undefined || match.method === method);
}

/**
 * How a request fails as planned: `answer` refuses it without effect, `drop` cuts the connection before any effect, `afterEffect`
 * after it, `truncate` in the midst of the answer.
 */
export type FailureMode = "answer" | "drop" | "afterEffect" | "truncate";

export interface Planned {
  /** How many matching requests are left to fail. */
  count: number;
  readonly mode: FailureMode;
}

/** Which requests are meant, where they are told by their paths; what is left out matches all. */
export interface PathMatch {
  readonly path?: string | undefined;
  readonly method?: string | undefined;
}

/** What the control plane has planned to go wrong with requests. `Match` names some of them, each by its method and its place. */
export class Disturbances<Match, Failure extends Match & Planned> {
  /** Each request waits that long before it is handled. */
  slowMs = 0;
  readonly failures: Failure[] = [];
  readonly #holds: Match[] = [];
  readonly #held: (() => void)[] = [];

  /** @param isMeant whether a request is one of those that are named. */
  constructor(private readonly isMeant: (match: Match, method: string, place: string) => boolean) {}

  /** How many requests wait for the release. */
  get heldCount(): number {
    return this.#held.length;
  }

  /** Waits `slowMs`; a wait that is under way does not keep the process alive. */
  async slowDown(): Promise<void> {
    const { slowMs } = this;
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
  }

  /** The failure planned first for such a request, counted down. */
  takeFailure(method: string, place: string): Failure | undefined {
    const index = this.failures.findIndex((failure) => this.isMeant(failure, method, place));
    const failure = this.failures[index];
    if (failure === undefined) return undefined;
    failure.count -= 1;
    if (failure.count <= 0) this.failures.splice(index, 1);
    return failure;
  }

  /** Such requests take effect, and wait unanswered until the release. */
  hold(match: Match): void {
    this.#holds.push(match);
  }

  /** Waits, if such requests are held, until they are released. */
  async waitWhileHeld(method: string, place: string): Promise<void> {
    if (!this.#holds.some((match) => this.isMeant(match, method, place))) return;
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

/** A request is meant by a part of its path. */
export function hasPathPart({ path, method: wanted }: PathMatch, method: string, place: string): boolean {
  return (path === undefined || place.includes(path)) && (wanted === undefined || wanted === method);
}

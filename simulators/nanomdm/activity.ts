/** Counts what is under way: conversations of devices, and events on their way. */
export class Activity {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Something begins. @returns what ends it. */
  begin(): () => void {
    this.#running += 1;
    return () => {
      this.#running -= 1;
      if (this.#running > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  /** Resolves when nothing is under way. */
  async whenIdle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

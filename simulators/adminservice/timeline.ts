interface Task {
  readonly at: number;
  readonly work: () => void;
  timer: NodeJS.Timeout;
}

/** What is to happen later, in real time; a task that waits keeps no process alive. */
export class Timeline {
  readonly #tasks = new Set<Task>();

  get pending(): number {
    return this.#tasks.size;
  }

  after(delayMs: number, work: () => void): void {
    const task: Task = { at: Date.now() + delayMs, work, timer: setTimeout(() => this.#run(task), delayMs).unref() };
    this.#tasks.add(task);
  }

  /** Does now, in order, all that waits, and what follows from it. @returns how much that was. */
  settle(): number {
    let done = 0;
    for (;;) {
      const next = [...this.#tasks].reduce<Task | undefined>(
        (a, b) => (a === undefined || b.at < a.at ? b : a),
        undefined,
      );
      if (next === undefined) return done;
      this.#run(next);
      done += 1;
    }
  }

  close(): void {
    for (const { timer } of this.#tasks) clearTimeout(timer);
    this.#tasks.clear();
  }

  #run(task: Task): void {
    if (!this.#tasks.delete(task)) return;
    clearTimeout(task.timer);
    task.work();
  }
}

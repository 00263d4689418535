import { assetKey } from "../asset.js";
import { type ErrorBody, type ErrorInfo, errorBody } from "../errors.js";
import type { FinishedTask, Task } from "./task.js";

/** An event that ends FAILED by itself, from some task on without effect, and does not say for whom. */
export interface PlannedEventFailure {
  readonly errorNumber: number;
  /** So many tasks succeed before. */
  readonly afterTasks: number;
}

/** The tasks of one event, done in portions, and what became of them. */
export class EventWork {
  completed = 0;
  readonly failures: ErrorBody[] = [];
  #ended = false;
  readonly #tasks: Iterator<Task>;
  readonly #plannedFailure: PlannedEventFailure | undefined;
  readonly #failureByKey = new Map<string, ErrorBody>();

  constructor(tasks: Iterable<Task>, plannedFailure: PlannedEventFailure | undefined) {
    this.#tasks = tasks[Symbol.iterator]();
    this.#plannedFailure = plannedFailure;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Does so many more tasks. */
  advance(count: number): FinishedTask[] {
    const finished: FinishedTask[] = [];
    while (finished.length < count && !this.#ended) {
      const next = this.#tasks.next();
      if (next.done === true) this.#ended = true;
      else finished.push(this.#finish(next.value));
    }
    return finished;
  }

  #finish(task: Task): FinishedTask {
    const planned = this.#plannedFailure;
    const failsHere = planned !== undefined && this.completed >= planned.afterTasks;
    const errorNumber = failsHere ? planned.errorNumber : task.run();
    if (errorNumber === undefined) this.completed += 1;
    else this.#note(errorNumber, failsHere ? undefined : task.info(errorNumber));
    return { errorNumber, rows: task.rows() };
  }

  #note(errorNumber: number, info: ErrorInfo | undefined): void {
    const asset = info?.assets?.[0];
    const about = asset === undefined ? info?.clientUserIds?.join() : assetKey(asset.adamId, asset.pricingParam);
    const key = `${errorNumber} ${about ?? ""}`;
    const known = this.#failureByKey.get(key);
    if (known === undefined) {
      const failure = errorBody(errorNumber, info);
      this.#failureByKey.set(key, failure);
      this.failures.push(failure);
    } else if (asset !== undefined) known.errorInfo = joined(known.errorInfo ?? {}, info ?? {});
  }
}

/** The lists of the first grow, as a failure may name a thousand holders. */
function joined(to: ErrorInfo, more: ErrorInfo): ErrorInfo {
  const { clientUserIds = [], serialNumbers = [] } = to;
  clientUserIds.push(...(more.clientUserIds ?? []));
  serialNumbers.push(...(more.serialNumbers ?? []));
  return {
    ...to,
    ...(clientUserIds.length === 0 ? {} : { clientUserIds }),
    ...(serialNumbers.length === 0 ? {} : { serialNumbers }),
  };
}

import type { ErrorBody } from "../errors.js";
import { managementNotifications } from "../notifications/management-notifications.js";
import type { Notifier } from "../notifications/notifier.js";
import type { Switches } from "../switches.js";
import { EventWork, type PlannedEventFailure } from "./event-work.js";
import type { EventType, FinishedTask, Task } from "./task.js";

/** Older ones are forgotten: Apple documents no retention, and memory must not grow with requests. */
const KEPT_EVENTS = 10_000;
const SHORTEST_TICK_MS = 20;

export interface LocationEvent {
  readonly eventId: string;
  readonly eventType: EventType;
  readonly numRequested: number;
  eventStatus: "PENDING" | "COMPLETE" | "FAILED";
  /** Successful tasks so far. */
  numCompleted: number;
  failures: ErrorBody[];
}

interface Pending {
  readonly work: EventWork;
  /** Of each notification so far: its first attempt is over. */
  readonly told: Promise<void>[];
  timer: NodeJS.Timeout | undefined;
}

/**
 * The accepted writes of one location. Their work begins `eventDelayMs` after they were accepted, is done at once or at
 * `eventTasksPerSecond`, and is told by notifications as tasks finish. Partial success ends FAILED, as at Apple.
 */
export class EventLog {
  readonly #newId: () => string;
  readonly #switches: Switches;
  readonly #notifier: Notifier;
  readonly #commit: () => void;
  readonly #events = new Map<string, LocationEvent>();
  readonly #pending = new Map<LocationEvent, Pending>();
  readonly #plannedFailures: PlannedEventFailure[] = [];

  /** @param commit makes a version of what the tasks of a portion changed. */
  constructor(newId: () => string, switches: Switches, notifier: Notifier, commit: () => void) {
    this.#newId = newId;
    this.#switches = switches;
    this.#notifier = notifier;
    this.#commit = commit;
  }

  /**
   * Accepts a write.
   * @param tasks are drawn one by one as their turn comes, each once.
   */
  start(eventType: EventType, numRequested: number, tasks: Iterable<Task>): LocationEvent {
    const event: LocationEvent = {
      eventId: this.#newId(),
      eventType,
      numRequested,
      eventStatus: "PENDING",
      numCompleted: 0,
      failures: [],
    };
    this.#events.set(event.eventId, event);
    this.#forgetOldest();
    const pending: Pending = {
      work: new EventWork(tasks, this.#plannedFailures.shift()),
      told: [],
      timer: undefined,
    };
    pending.timer = setTimeout(() => this.#work(event, pending), this.#switches.eventDelayMs);
    this.#pending.set(event, pending);
    return event;
  }

  find(eventId: string): LocationEvent | undefined {
    return this.#events.get(eventId);
  }

  /** In the order they were accepted. */
  list(): LocationEvent[] {
    return [...this.#events.values()];
  }

  /** Does the work of every pending event now, in the order they were accepted, and ends them; answers how many. */
  finishAll(): number {
    const all = [...this.#pending];
    for (const [event, pending] of all) {
      clearTimeout(pending.timer);
      this.#advance(event, pending, Number.POSITIVE_INFINITY);
      if (this.#switches.notificationBeforeStatus) this.#endOnceTold(event, pending);
      else this.#end(event, pending);
    }
    return all.length;
  }

  /** The next events end FAILED. */
  failNext(count: number, failure: PlannedEventFailure): void {
    for (let planned = 0; planned < count; planned += 1) this.#plannedFailures.push(failure);
  }

  /** From now on the status of every event so far is unknown (9708); pending ones still take effect. */
  forget(): number {
    const forgotten = this.#events.size;
    this.#events.clear();
    return forgotten;
  }

  /** Drops pending work, so that nothing keeps the process alive. */
  close(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  #forgetOldest(): void {
    const oldest = this.#events.keys().next().value;
    if (this.#events.size > KEPT_EVENTS && oldest !== undefined) this.#events.delete(oldest);
  }

  /** Does the next portion and sets the timer for what comes after it. */
  #work(event: LocationEvent, pending: Pending): void {
    const speed = this.#switches.eventTasksPerSecond;
    const tickMs = speed === 0 ? 0 : Math.max(SHORTEST_TICK_MS, 1000 / speed);
    this.#advance(event, pending, speed === 0 ? Number.POSITIVE_INFINITY : Math.round((speed * tickMs) / 1000));
    if (!pending.work.ended) pending.timer = setTimeout(() => this.#work(event, pending), tickMs);
    else if (this.#switches.notificationBeforeStatus) this.#endOnceTold(event, pending);
    else if (this.#switches.completeLagMs >= 0) this.#end(event, pending);
    else pending.timer = setTimeout(() => this.#end(event, pending), -this.#switches.completeLagMs);
  }

  #advance(event: LocationEvent, pending: Pending, count: number): void {
    const finished = pending.work.advance(count);
    this.#commit();
    event.numCompleted = pending.work.completed;
    event.failures = pending.work.failures;
    this.#tell(event, pending, finished);
  }

  #tell(event: LocationEvent, pending: Pending, finished: FinishedTask[]): void {
    for (const notification of managementNotifications(event.eventType, event.eventId, finished)) {
      pending.told.push(this.#notifier.publish(notification));
    }
  }

  #endOnceTold(event: LocationEvent, pending: Pending): void {
    void Promise.all(pending.told).then(() => this.#end(event, pending));
  }

  #end(event: LocationEvent, pending: Pending): void {
    this.#pending.delete(event);
    event.eventStatus = pending.work.failures.length === 0 ? "COMPLETE" : "FAILED";
  }
}

import { type ErrorBody, errorBody } from "./errors.js";
import type { Switches } from "./switches.js";

export type EventType = "ASSOCIATE" | "DISASSOCIATE" | "REVOKE" | "CREATE" | "UPDATE" | "RETIRE";

export interface Outcome {
  /** Tasks that succeeded. */
  completed: number;
  failures: ErrorBody[];
}

export interface LocationEvent {
  readonly eventId: string;
  readonly eventType: EventType;
  readonly numRequested: number;
  eventStatus: "PENDING" | "COMPLETE" | "FAILED";
  numCompleted: number;
  failures: ErrorBody[];
}

/**
 * The accepted writes of one location. A write takes effect when its event ends, `eventDelayMs` after it was accepted.
 * Partial success ends FAILED, as at Apple. This is also the place from which ASSET_MANAGEMENT and USER_MANAGEMENT
 * notifications would be sent (see the README: only TEST_NOTIFICATION exists).
 */
export class EventLog {
  readonly #newId: () => string;
  readonly #switches: Switches;
  readonly #events = new Map<string, LocationEvent>();
  readonly #pending = new Map<LocationEvent, { timer: NodeJS.Timeout; finish: () => void }>();
  readonly #plannedFailures: number[] = [];

  constructor(newId: () => string, switches: Switches) {
    this.#newId = newId;
    this.#switches = switches;
  }

  /**
   * Accepts a write.
   * @param apply does the work and commits it; called once, when the event ends.
   */
  start(eventType: EventType, numRequested: number, apply: () => Outcome): LocationEvent {
    const event: LocationEvent = {
      eventId: this.#newId(),
      eventType,
      numRequested,
      eventStatus: "PENDING",
      numCompleted: 0,
      failures: [],
    };
    this.#events.set(event.eventId, event);
    const plannedFailure = this.#plannedFailures.shift();
    const finish = () => {
      this.#pending.delete(event);
      const outcome = plannedFailure === undefined ? apply() : { completed: 0, failures: [errorBody(plannedFailure)] };
      event.numCompleted = outcome.completed;
      event.failures = outcome.failures;
      event.eventStatus = outcome.failures.length === 0 ? "COMPLETE" : "FAILED";
    };
    this.#pending.set(event, { timer: setTimeout(finish, this.#switches.eventDelayMs), finish });
    return event;
  }

  find(eventId: string): LocationEvent | undefined {
    return this.#events.get(eventId);
  }

  /** In the order they were accepted. */
  list(): LocationEvent[] {
    return [...this.#events.values()];
  }

  /** Ends every pending event now, in the order they were accepted; answers how many. */
  finishAll(): number {
    const pending = [...this.#pending.values()];
    for (const { timer, finish } of pending) {
      clearTimeout(timer);
      finish();
    }
    return pending.length;
  }

  /** The next events end FAILED as a whole, with that error and without any effect. */
  failNext(count: number, errorNumber: number): void {
    for (let planned = 0; planned < count; planned += 1) this.#plannedFailures.push(errorNumber);
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
}

import type { SeededRandom } from "../../random.js";
import type { Switches } from "../switches.js";
import type { notificationTypes } from "./notification-types.js";
import { type Envelope, postNotification } from "./post-notification.js";

/** Apple tries up to three times. */
const MAX_ATTEMPTS = 3;
const KEPT_ENVELOPES = 1000;

/** One notification before it has an id: its type and its `notification` object. */
export interface Notification {
  readonly type: (typeof notificationTypes)[number];
  readonly content: object;
}

/** Where a location's notifications go, as client/config set it. */
export interface NotificationSettings {
  url: string | undefined;
  authToken: string | undefined;
  types: string[];
}

/** How the notifications of a location fared so far. */
export interface NotificationCounts {
  /** POSTs made, repeats and further attempts included. */
  sent: number;
  /** POSTs answered with a 2xx. */
  delivered: number;
  /** POSTs answered otherwise, or not at all. */
  refused: number;
  /** Notifications given up after their last attempt. */
  abandoned: number;
  /** Notifications that the switch `notificationLoss` kept back. */
  lost: number;
}

interface Waiting {
  readonly envelope: Envelope;
  /** In ms since the epoch. */
  dueAt: number;
  attempts: number;
  /** Called once the first attempt is over, or will never be made. */
  readonly tried: () => void;
}

/** Sends one location's notifications, one after the other, as well or as badly as the switches say. */
export class Notifier {
  readonly counts: NotificationCounts = { sent: 0, delivered: 0, refused: 0, abandoned: 0, lost: 0 };
  readonly #waiting: Waiting[] = [];
  readonly #lost: Envelope[] = [];
  readonly #delivered: Envelope[] = [];
  readonly #ended = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;

  /** @param random decides on ids, loss, repeats and order, and nothing else uses it. */
  constructor(
    readonly settings: NotificationSettings,
    readonly location: { readonly uId: string },
    readonly random: SeededRandom,
    readonly switches: Switches,
  ) {}

  /** Notifications that will still be sent. */
  get pending(): number {
    return this.#waiting.length;
  }

  newId(): string {
    return this.random.uuid();
  }

  /** Whether a receiver that is to be subscribed accepts a TEST_NOTIFICATION. */
  test(url: string, authToken: string): Promise<boolean> {
    const envelope = this.#envelope("TEST_NOTIFICATION", {});
    return postNotification(url, authToken, envelope, this.#ended.signal);
  }

  /** Sends it if its type is subscribed. Resolves once the first attempt is over, or will never be made. */
  async publish({ type, content }: Notification): Promise<void> {
    if (this.settings.url === undefined || !this.settings.types.includes(type)) return;
    const envelope = this.#envelope(type, content);
    if (this.random.next() < this.switches.notificationLoss) {
      this.counts.lost += 1;
      keep(this.#lost, envelope);
      return;
    }
    const repeats = this.random.next() < this.switches.notificationDuplicates ? 1 : 0;
    const tried = this.#enqueue(envelope);
    for (let repeat = 0; repeat < repeats; repeat += 1) void this.#enqueue(envelope);
    await tried;
  }

  /**
   * Sends now what waits, then, if that is asked for, the last kept ones that were lost or delivered: late or once more,
   * each with the id it had. Resolves once each had an attempt.
   */
  async deliverNow(again: "none" | "lost" | "delivered"): Promise<void> {
    const repeated = again === "none" ? [] : again === "lost" ? this.#lost.splice(0) : [...this.#delivered];
    for (const envelope of repeated) void this.#enqueue(envelope);
    for (const waiting of this.#waiting) waiting.dueAt = 0;
    await this.#send();
  }

  /** Drops what waits and cuts what is under way. */
  close(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
    for (const { tried } of this.#waiting.splice(0)) tried();
  }

  #envelope(notificationType: string, notification: object): Envelope {
    return { notificationId: this.newId(), notificationType, notification, uId: this.location.uId };
  }

  #enqueue(envelope: Envelope): Promise<void> {
    const { notificationDelayMs, notificationReorder } = this.switches;
    const delayMs = notificationReorder ? notificationDelayMs * this.random.next() : notificationDelayMs;
    return new Promise((tried) => {
      this.#waiting.push({ envelope, dueAt: Date.now() + delayMs, attempts: 0, tried });
      this.#schedule();
    });
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.length === 0 || this.#ended.signal.aborted) return;
    const dueAt = this.#waiting.reduce((first, waiting) => Math.min(first, waiting.dueAt), Number.POSITIVE_INFINITY);
    this.#timer = setTimeout(() => void this.#send(), Math.max(0, dueAt - Date.now()));
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendDue().finally(() => {
      this.#sending = undefined;
      this.#schedule();
    });
    return this.#sending;
  }

  async #sendDue(): Promise<void> {
    for (let next = this.#takeDue(); next !== undefined; next = this.#takeDue()) {
      const { url, authToken } = this.settings;
      if (url === undefined || authToken === undefined) next.tried();
      else await this.#attempt(next, url, authToken);
    }
  }

  #takeDue(): Waiting | undefined {
    const now = Date.now();
    const isDue = (waiting: Waiting | undefined) => waiting !== undefined && waiting.dueAt <= now;
    const any = this.switches.notificationReorder ? this.random.integer(Math.max(1, this.#waiting.length)) : 0;
    const index = isDue(this.#waiting[any]) ? any : this.#waiting.findIndex(isDue);
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  async #attempt(waiting: Waiting, url: string, authToken: string): Promise<void> {
    waiting.attempts += 1;
    this.counts.sent += 1;
    const accepted = await postNotification(url, authToken, waiting.envelope, this.#ended.signal);
    waiting.tried();
    if (accepted) {
      this.counts.delivered += 1;
      keep(this.#delivered, waiting.envelope);
      return;
    }
    this.counts.refused += 1;
    if (waiting.attempts >= MAX_ATTEMPTS) this.counts.abandoned += 1;
    else if (!this.#ended.signal.aborted) {
      waiting.dueAt = Date.now() + this.switches.notificationRetryMs;
      this.#waiting.push(waiting);
    }
  }
}

function keep(envelopes: Envelope[], envelope: Envelope): void {
  envelopes.push(envelope);
  if (envelopes.length > KEPT_ENVELOPES) envelopes.shift();
}

import { createHmac } from "node:crypto";
import type { SeededRandom } from "../random.js";
import type { Activity } from "./activity.js";
import type { Switches } from "./switches.js";

/** One event as it was posted: the bytes, to be sent or read again. */
export interface PostedEvent {
  readonly topic: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** `lost` was never sent; otherwise what came back, or that nothing did. */
  outcome: "lost" | "waiting" | "unreachable" | number;
}

const KEPT = 10_000;
const PATIENCE_MS = 10_000;

/** Posts events to one address: each once, in no order, and whatever comes back. */
export class Webhook {
  url: string | null = null;
  secret: string | null = null;
  readonly events: PostedEvent[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #isClosed = false;
  #lastAt = 0;

  constructor(
    private readonly switches: Switches,
    private readonly random: SeededRandom,
    /** NanoMDM signs; MicroMDM sends the credentials of its address. */
    private readonly signs: boolean,
    private readonly activity: Activity,
  ) {}

  post(topic: string, event: object): void {
    // No two at the same millisecond: what happens after another thing is dated after it.
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    const created_at = new Date(this.#lastAt).toISOString();
    const body = Buffer.from(JSON.stringify({ topic, created_at, ...event }));
    const posted: PostedEvent = { topic, headers: this.#headers(body), body, outcome: "waiting" };
    this.events.push(posted);
    if (this.events.length > KEPT) this.events.shift();
    if (this.random.next() < this.switches.webhookLoss) {
      posted.outcome = "lost";
      return;
    }
    this.#plan(posted);
    if (this.random.next() < this.switches.webhookDuplicates) this.#plan(posted);
  }

  /** Sends events again that were sent or lost before, the last first if they are to be out of order. */
  async repeat(which: (event: PostedEvent) => boolean): Promise<number> {
    const events = this.events.filter(which);
    if (this.switches.webhookReorder) events.reverse();
    for (const event of events) await this.#send(event);
    return events.length;
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #headers(body: Buffer): Record<string, string> {
    const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8" };
    if (this.secret === null) return headers;
    if (this.signs) headers["x-hmac-signature"] = createHmac("sha256", this.secret).update(body).digest("base64");
    else headers.authorization = `Basic ${Buffer.from(`allotment:${this.secret}`).toString("base64")}`;
    return headers;
  }

  #plan(event: PostedEvent): void {
    const { webhookDelayMs, webhookReorder } = this.switches;
    const delayMs = webhookReorder ? this.random.integer(webhookDelayMs + 1) : webhookDelayMs;
    // An event that was dated a little ahead arrives no earlier than its date.
    const aheadMs = this.#lastAt >= Date.now() ? this.#lastAt - Date.now() + 1 : 0;
    const end = this.activity.begin();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#send(event).finally(end);
    }, delayMs + aheadMs);
    this.#timers.add(timer);
  }

  async #send(event: PostedEvent): Promise<void> {
    if (this.url === null || this.#isClosed) return;
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        headers: event.headers,
        body: new Uint8Array(event.body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      await answer.body?.cancel();
      event.outcome = answer.status;
    } catch {
      // Logged and forgotten, as the servers do.
      event.outcome = "unreachable";
    }
  }
}

import type { Switches } from "./switches.js";

/** Bodies of the oldest entries go first, so that big writes do not fill the memory. */
const KEPT_BODY_CHARACTERS = 50_000_000;

export interface LoggedRequest {
  method: string;
  /** With the query. */
  path: string;
  /** The JSON sent, without the notification secret; the text if it was not JSON. */
  body: unknown;
  at: string;
  /** HTTP status of the answer; `cut` if the connection was cut; null while unanswered. */
  answer: number | "cut" | null;
}

/**
 * The last requests of the Apple side, as many as the switch `keptRequests` says. Headers are not kept, so no content token
 * is ever in it.
 */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];
  readonly #sizes: number[] = [];
  #characters = 0;
  readonly #switches: Switches;

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  /** Answers the entry, whose `answer` the caller sets; it is not kept if the switch says so. */
  add(method: string, path: string, bodyText: string): LoggedRequest {
    const kept = this.#switches.keptRequests > 0;
    const entry: LoggedRequest = {
      method,
      path,
      body: kept ? shownBody(bodyText) : null,
      at: new Date().toISOString(),
      answer: null,
    };
    if (kept) {
      this.entries.push(entry);
      this.#sizes.push(bodyText.length);
      this.#characters += bodyText.length;
    }
    this.#dropOldest();
    return entry;
  }

  #dropOldest(): void {
    while (this.entries.length > this.#switches.keptRequests || this.#characters > KEPT_BODY_CHARACTERS) {
      if (this.entries.shift() === undefined) return;
      this.#characters -= this.#sizes.shift() ?? 0;
    }
  }
}

function shownBody(bodyText: string): unknown {
  if (bodyText === "") return null;
  try {
    return JSON.parse(bodyText, (key, value) => (key === "notificationAuthToken" ? "(hidden)" : value));
  } catch {
    return bodyText;
  }
}

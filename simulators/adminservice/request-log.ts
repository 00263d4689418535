import type { Switches } from "./switches.js";

export interface LoggedRequest {
  readonly method: string;
  /** As it came, with the query decoded. */
  readonly path: string;
  /** The JSON sent; null without any, the text where it was not JSON. */
  readonly body: unknown;
  readonly at: string;
  /** Which connection it came over, counted from 1. */
  readonly socket: number;
  /** HTTP status of the answer; `cut` if the connection was cut; null while unanswered. */
  answer: number | "cut" | null;
}

/** The last requests, as many as the switch `keptRequests` says. No header is kept, so no credential ever is. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];
  readonly #sockets = new WeakMap<object, number>();
  #socketCount = 0;

  constructor(private readonly switches: Switches) {}

  /** Answers the entry, whose `answer` the caller sets. */
  add(method: string, url: string, bodyText: string, socket: object): LoggedRequest {
    const entry: LoggedRequest = {
      method,
      path: decoded(url),
      body: parsed(bodyText),
      at: new Date().toISOString(),
      socket: this.#number(socket),
      answer: null,
    };
    this.entries.push(entry);
    this.entries.splice(0, Math.max(0, this.entries.length - this.switches.keptRequests));
    return entry;
  }

  #number(socket: object): number {
    const known = this.#sockets.get(socket);
    if (known !== undefined) return known;
    this.#socketCount += 1;
    this.#sockets.set(socket, this.#socketCount);
    return this.#socketCount;
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

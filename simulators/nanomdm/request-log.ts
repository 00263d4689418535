import type { Switches } from "./switches.js";

export interface LoggedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly contentType: string | null;
  /** As it came. */
  readonly body: string;
  readonly at: string;
  /** HTTP status; `cut` if the connection was cut; null while unanswered. */
  answer: number | "cut" | null;
}

/** The last requests to the API, as many as the switch `keptRequests` says; never a key. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  constructor(private readonly switches: Switches) {}

  add(request: Omit<LoggedRequest, "at" | "answer">): LoggedRequest {
    const logged: LoggedRequest = { ...request, at: new Date().toISOString(), answer: null };
    this.entries.push(logged);
    while (this.entries.length > this.switches.keptRequests) this.entries.shift();
    return logged;
  }
}

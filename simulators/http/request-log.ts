/** What became of a request. */
export interface Outcome {
  readonly at: string;
  /** HTTP status of the answer; `cut` if the connection was cut; null while unanswered. */
  answer: number | "cut" | null;
}

/** The last requests, as many as the switch `keptRequests` says. */
export class RequestLog<Request extends object> {
  readonly entries: (Request & Outcome)[] = [];

  constructor(private readonly switches: { readonly keptRequests: number }) {}

  /** Answers the entry, whose `answer` the caller sets. */
  add(request: Request): Request & Outcome {
    const entry = { ...request, at: new Date().toISOString(), answer: null };
    this.entries.push(entry);
    while (this.entries.length > this.switches.keptRequests) this.entries.shift();
    return entry;
  }
}

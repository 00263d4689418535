import type { Switches } from "./switches.js";

export interface LoggedRequest {
  readonly method: string;
  /** With the version and the query. */
  readonly path: string;
  /** Without `authorization`, whose kind alone is told. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON sent, without secrets. */
  readonly body: unknown;
  readonly at: string;
  /** True for a part of a batch. */
  readonly inBatch: boolean;
  /** HTTP status of the answer; `cut` if the connection was cut; null while unanswered. */
  answer: number | "cut" | null;
}

const SECRETS: ReadonlySet<string> = new Set(["client_secret", "client_assertion"]);

/** The last requests, as many as the switch `keptRequests` says; no secret is ever in it. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  constructor(private readonly switches: Switches) {}

  add(request: Omit<LoggedRequest, "at" | "answer">): LoggedRequest {
    const entry: LoggedRequest = {
      ...request,
      headers: shownHeaders(request.headers),
      body: shownBody(request.body),
      at: new Date().toISOString(),
      answer: null,
    };
    this.entries.push(entry);
    while (this.entries.length > this.switches.keptRequests) this.entries.shift();
    return entry;
  }
}

function shownHeaders({ authorization, ...headers }: LoggedRequest["headers"]): LoggedRequest["headers"] {
  return authorization === undefined
    ? headers
    : { ...headers, authorization: authorization.replace(/\s.*$/s, " (hidden)") };
}

function shownBody(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, SECRETS.has(name) ? "(hidden)" : value]),
  );
}

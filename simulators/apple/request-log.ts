const KEPT_REQUESTS = 10_000;

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

/** The last requests of the Apple side. Headers are not kept, so no content token is ever in it. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  add(method: string, path: string, bodyText: string): LoggedRequest {
    const entry: LoggedRequest = {
      method,
      path,
      body: shownBody(bodyText),
      at: new Date().toISOString(),
      answer: null,
    };
    this.entries.push(entry);
    if (this.entries.length > KEPT_REQUESTS) this.entries.shift();
    return entry;
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

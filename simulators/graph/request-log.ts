import { RequestLog as CommonLog, type Outcome } from "../http/request-log.js";

interface Received {
  readonly method: string;
  /** With the version and the query. */
  readonly path: string;
  /** Without `authorization`, whose kind alone is told. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The JSON sent, without secrets. */
  readonly body: unknown;
  /** True for a part of a batch. */
  readonly inBatch: boolean;
}

export type LoggedRequest = Received & Outcome;

const SECRETS: ReadonlySet<string> = new Set(["client_secret", "client_assertion"]);

/** No secret is ever in it. */
export class RequestLog extends CommonLog<Received> {
  override add(request: Received): LoggedRequest {
    return super.add({ ...request, headers: shownHeaders(request.headers), body: shownBody(request.body) });
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

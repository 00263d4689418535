import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { API_KEY } from "../start-api.js";

/** What a client sends, in one of the ways there are. */
export interface Sent {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** What is told of errors: their codes and details. */
export interface Told {
  readonly status: number | null;
  readonly errors: readonly { readonly code: string; readonly details: Readonly<Record<string, unknown>> }[];
  readonly data: unknown;
}

export type Send = (url: string, sent: Sent, key?: string) => Promise<Told>;

interface Body {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: Told["errors"][number] }[];
}

/** Errors are told alike whatever way they come. */
function told(status: number | null, { data = null, errors = [] }: Body): Told {
  const shown = errors.map(({ extensions: { code, details } }) => ({ code, details }));
  return { status, data, errors: shown };
}

export const byPost: Send = async (url, sent, key = API_KEY) => {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(sent),
  });
  return told(response.status, (await response.json()) as Body);
};

export const byGet: Send = async (url, { query, variables, extensions }, key = API_KEY) => {
  const search = new URLSearchParams({
    ...(query !== undefined && { query }),
    ...(variables && { variables: JSON.stringify(variables) }),
    ...(extensions && { extensions: JSON.stringify(extensions) }),
  });
  const response = await fetch(`${url}/graphql?${search}`, {
    headers: { "apollo-require-preflight": "1", authorization: `Bearer ${key}` },
  });
  return told(response.status, (await response.json()) as Body);
};

/** Waits for the first event, and goes. */
export const byEventStream: Send = async (url, sent, key = API_KEY) => {
  const leave = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${key}` },
    body: JSON.stringify(sent),
    signal: leave.signal,
  });
  if (!response.headers.get("content-type")?.includes("event-stream")) {
    return told(response.status, (await response.json()) as Body);
  }
  try {
    return told(response.status, await firstEvent(response));
  } finally {
    leave.abort();
  }
};

async function firstEvent({ body }: Response): Promise<Body> {
  let text = "";
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString("utf8");
    const data = /event: next\ndata: (.*)\n\n/.exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data) as Body;
  }
  throw new Error("The stream ended without an event");
}

/** Waits for the first message. */
export const bySocket: Send = async (url, { query, variables, extensions }, key = API_KEY) => {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
  });
  try {
    const payload = { query: query ?? "", ...(variables && { variables }), ...(extensions && { extensions }) };
    for await (const message of client.iterate(payload)) return told(null, message as unknown as Body);
    throw new Error("The subscription ended without a message");
  } catch (errors) {
    if (Array.isArray(errors)) return told(null, { errors });
    throw errors;
  } finally {
    await client.dispose();
  }
};

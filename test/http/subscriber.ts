import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { API_KEY } from "./start-api.js";

/** One subscription over a socket of its own, as a front-end's client makes it. */
export interface Subscriber<Data> {
  /** The next event's data; throws when it carries errors, or the subscription ended. */
  next(): Promise<Data>;
  /** Reads on until an event's data meets this, and gives all that were read. */
  until(met: (data: Data) => boolean): Promise<Data[]>;
  /** Ends the subscription; the socket goes with it. */
  stop(): Promise<void>;
}

export function subscribe<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  key = API_KEY,
): Subscriber<Data> {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
  });
  const events = client.iterate<Data>({ query, variables });
  const next = async (): Promise<Data> => {
    const { done, value } = await events.next();
    if (done) throw new Error("The subscription ended");
    if (value.errors || !value.data) throw new Error(JSON.stringify(value.errors));
    return value.data;
  };
  return {
    next,
    async until(met) {
      const seen: Data[] = [];
      for (;;) {
        const data = await next();
        seen.push(data);
        if (met(data)) return seen;
      }
    },
    async stop() {
      await events.return?.();
      await client.dispose();
    },
  };
}

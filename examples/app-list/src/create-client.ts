import { Client, type ExecutionResult, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { createClient as createSocket } from "graphql-ws";

export interface ClientOptions {
  /** The address of `/graphql`. */
  readonly url: string;
  readonly key: string;
  /** Where there is no WebSocket of its own, as in Node 20. */
  readonly webSocket?: unknown;
}

/**
 * A client that keeps each object once, by its id: a live change of an app shows wherever the app does, and a further page is
 * added to those before it. A socket that breaks is opened again, and the service then tells everything anew.
 */
export function createClient({ url, key, webSocket }: ClientOptions): Client {
  const authorization = `Bearer ${key}`;
  const socket = createSocket({
    url: url.replace(/^http/, "ws"),
    connectionParams: { authorization },
    retryAttempts: Number.POSITIVE_INFINITY,
    ...(webSocket === undefined ? {} : { webSocketImpl: webSocket }),
  });
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    exchanges: [
      cacheExchange({
        // Objects without an id belong to the one they stand in.
        keys: { StoreAppConnection: () => null, PageInfo: () => null },
        resolvers: { Query: { storeApps: relayPagination() } },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables }) => ({
          subscribe: (sink) => {
            const next = (result: unknown) => sink.next(result as ExecutionResult);
            return { unsubscribe: socket.subscribe({ query, variables: { ...variables } }, { ...sink, next }) };
          },
        }),
      }),
    ],
  });
}

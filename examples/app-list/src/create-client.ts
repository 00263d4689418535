import { Client, type ExecutionResult, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { GraphQLError } from "graphql";
import { CloseCode, createClient as createSocket } from "graphql-ws";

/** Between two attempts at most: where it only grows, a night without the service ends hours after the night. */
const LONGEST_WAIT_MS = 15_000;

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
    retryWait: (retries) => sleep(Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** retries) * (1 - Math.random() / 2)),
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
            const error = (cause: unknown) => sink.error(isRefusal(cause) ? [refusal()] : cause);
            const { complete } = sink;
            return { unsubscribe: socket.subscribe({ query, variables: { ...variables } }, { next, error, complete }) };
          },
        }),
      }),
    ],
  });
}

/** A socket whose key is good no longer is closed, with no word but this code. */
function isRefusal(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && "code" in cause && cause.code === CloseCode.Unauthorized;
}

/** As queries are told. */
function refusal(): GraphQLError {
  return new GraphQLError("This key was revoked, or has expired.", { extensions: { code: "UNAUTHENTICATED" } });
}

function sleep(waitMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, waitMs));
}

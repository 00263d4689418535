import type { Client } from "graphql-ws";

/** So long after it was ended a subscription begins anew. */
const AGAIN_MS = 10_000;

interface Subscription {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/**
 * Follows a subscription until it is stopped. What it tells first is what is so.
 * @param tell is given null when the service ends it, after which it begins anew: changes may be missed meanwhile. If the key is
 *   good no longer, the next question says so.
 */
export function follow<Data>(
  client: Pick<Client, "subscribe">,
  subscription: Subscription,
  tell: (data: Data | null) => void,
): () => void {
  let stopped = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let end = begin();
  function begin(): () => void {
    return client.subscribe<Data>(subscription, {
      next: ({ data }) => data && tell(data),
      error: ended,
      complete: ended,
    });
  }
  function ended(): void {
    if (stopped) return;
    tell(null);
    again = setTimeout(() => {
      end = begin();
    }, AGAIN_MS);
  }
  return () => {
    stopped = true;
    clearTimeout(again);
    end();
  };
}

/** A call has 60 seconds, and what it answers later is not read: so one of many requests begins nothing new after these. */
const BEGINS_WITHIN_MS = 40_000;

/**
 * Starts the time of a call, for a plugin whose calls are many requests: what it does not begin any more is deferred.
 * @param now of `PluginTools`.
 * @returns whether it is over.
 */
export function timeLimit(now: () => Date): () => boolean {
  const end = now().getTime() + BEGINS_WITHIN_MS;
  return () => now().getTime() >= end;
}

import type { PluginTools } from "../contract.js";

/** A call has 60 seconds, and what it answers later is not read: so it begins nothing new after these. */
const LIMIT_MS = 40_000;

/** Starts the time of a call. @returns whether it is over. */
export function timeLimit(now: PluginTools["now"]): () => boolean {
  const end = now().getTime() + LIMIT_MS;
  return () => now().getTime() >= end;
}

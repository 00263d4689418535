import type { Cluster } from "./cluster.js";

/** What chooses a history: the same plan plays the same one again. */
export interface HistoryPlan {
  readonly seed: number;
  readonly index: number;
  readonly actions: number;
  /** Of a hundred actions, so many end the service and start it again. */
  readonly restarts: number;
  /** True: the service is a process of its own, ended as `kill -9` would. False: it is in this one, and ends in order. */
  readonly killed: boolean;
  /** Whether a history that ends wrong is played again, with less and less in it, to find a short one. */
  readonly shorten?: boolean;
  /** Told of how far it has come, now and then. */
  readonly onProgress?: (words: string) => void;
}

/** How a history ended. */
export interface HistoryResult {
  readonly index: number;
  /** What happened, in order. */
  readonly log: readonly string[];
  /** Nothing when everything is as it should be. */
  readonly faults: readonly string[];
  /** What is worth to be told, and is no fault. */
  readonly remarks: readonly string[];
  /** What was done, to be summed up over all histories. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Plays one history on a database of its own, to its end, and judges it. */
export type PlayHistory = (cluster: Cluster, plan: HistoryPlan) => Promise<HistoryResult>;

/** The schema graphile-worker keeps its jobs in. */
export const WORKER_SCHEMA = "graphile_worker";

import type { Compared } from "./compare.js";
import type { DeepPages } from "./deep-pages.js";
import type { Cost } from "./load.js";
import type { Costs } from "./measure-rounds.js";
import type { PeerName } from "./peers/peer.js";
import { round } from "./round.js";

/** Of an operation: `ours`, `postgraphile` and `bare` are milliseconds of CPU a request, and the latencies are ours. */
export interface OperationFigures {
  readonly bytes: number;
  readonly ours: number | null;
  readonly postgraphile: number | null;
  readonly bare: number | null;
  /** How many times our CPU the peer needs: above 1 when we need less. */
  readonly vsPostgraphile: number | null;
  readonly vsBare: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly requestsPerSecond: Readonly<Partial<Record<PeerName, number>>>;
}

/** All that was measured. */
export interface Result {
  readonly operations: Readonly<Record<string, OperationFigures>>;
  /** What a page deep in all licences costs, by what the first one costs. */
  readonly deepPages?: Readonly<Record<string, DeepPages>>;
  /** By operation: the 99th percentile while a synchronisation runs, by that of the idle service. */
  readonly duringSync?: Readonly<Record<string, number>>;
}

/** Null is what was not asked for. */
export function figures(compared: readonly Compared[], costs: Costs): Result["operations"] {
  return Object.fromEntries(
    compared.map(({ operation: { name }, bytes }) => [name, ofOperation(bytes, costs.get(name) ?? new Map())]),
  );
}

function ofOperation(bytes: number, peers: ReadonlyMap<PeerName, Cost>): OperationFigures {
  const [ours, postgraphile, bare] = [peers.get("ours"), peers.get("postgraphile"), peers.get("bare")];
  const versus = (peer: Cost | undefined) => (ours && peer ? round(peer.cpuMs / ours.cpuMs) : null);
  const of = (value: number | undefined) => (value === undefined ? null : round(value));
  return {
    bytes,
    ours: of(ours?.cpuMs),
    postgraphile: of(postgraphile?.cpuMs),
    bare: of(bare?.cpuMs),
    vsPostgraphile: versus(postgraphile),
    vsBare: versus(bare),
    p50Ms: of(ours?.p50Ms),
    p99Ms: of(ours?.p99Ms),
    requestsPerSecond: Object.fromEntries(
      [...peers].map(([name, { requestsPerSecond }]) => [name, Math.round(requestsPerSecond)]),
    ),
  };
}

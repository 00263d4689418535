import type { Cost } from "./measure.js";
import type { Operation } from "./operations/operation.js";
import type { PeerName } from "./peers/peer.js";

/** Of an operation: `ours`, `postgraphile` and `bare` are milliseconds of CPU a request, and the latencies are ours. */
export interface OperationFigures {
  readonly bytes: number | null;
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

/** Null is what was not asked for. */
export function figures(
  bytes: ReadonlyMap<Operation, number>,
  costs: ReadonlyMap<Operation, ReadonlyMap<PeerName, Cost>>,
): Record<string, OperationFigures> {
  return Object.fromEntries(
    [...costs].map(([operation, peers]) => [operation.name, ofOperation(bytes.get(operation) ?? null, peers)]),
  );
}

function ofOperation(bytes: number | null, peers: ReadonlyMap<PeerName, Cost>): OperationFigures {
  const [ours, postgraphile, bare] = [peers.get("ours"), peers.get("postgraphile"), peers.get("bare")];
  const versus = (peer: Cost | undefined) => (ours && peer ? round(peer.cpuMs / ours.cpuMs) : null);
  return {
    bytes,
    ours: round(ours?.cpuMs),
    postgraphile: round(postgraphile?.cpuMs),
    bare: round(bare?.cpuMs),
    vsPostgraphile: versus(postgraphile),
    vsBare: versus(bare),
    p50Ms: round(ours?.p50Ms),
    p99Ms: round(ours?.p99Ms),
    requestsPerSecond: Object.fromEntries(
      [...peers].map(([name, { requestsPerSecond }]) => [name, Math.round(requestsPerSecond)]),
    ),
  };
}

function round(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}

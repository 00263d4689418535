import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { say } from "../support/say.js";
import type { Asked } from "./compare.js";
import type { Operation } from "./operations/operation.js";
import type { PeerName } from "./peers/peer.js";
import { load } from "./wrk.js";

/** Before the first round: V8 has compiled by then what it will. */
const WARM_UP_SECONDS = 2;

/** What a peer costs: the middle of the rounds. */
export interface Cost {
  /** Processors' time of the peer's process, in the program and in the kernel, in milliseconds a request. */
  readonly cpuMs: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A peer's requests of an operation, where wrk finds them. */
export interface Loaded {
  readonly asked: Asked;
  readonly file: string;
}

export async function prepareLoad(asked: Asked, name: string, directory: string): Promise<Loaded> {
  const file = join(directory, `${name}-${asked.peer.name}.requests`);
  await writeFile(file, asked.requests.join("\n"));
  return { asked, file };
}

async function cost({ asked: { peer }, file }: Loaded, seconds: number): Promise<Cost> {
  const before = await peer.child.cpuSeconds();
  const { requests, ...seen } = await load(peer, file, seconds);
  return { cpuMs: (((await peer.child.cpuSeconds()) - before) * 1000) / requests, ...seen };
}

/** Loads the peers by turns, operation by operation, so that a moment in which the machine is slow is everybody's. */
export async function measureRounds(
  byOperation: ReadonlyMap<Operation, readonly Loaded[]>,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Map<Operation, Map<PeerName, Cost>>> {
  const costs = new Map<Loaded, Cost[]>([...byOperation.values()].flat().map((loaded) => [loaded, []]));
  for (const loaded of costs.keys()) await cost(loaded, WARM_UP_SECONDS);
  for (let round = 1; round <= rounds; round += 1) {
    for (const [{ name }, peers] of byOperation) {
      for (const [at] of peers.entries()) {
        const loaded = peers[(at + round) % peers.length] as Loaded;
        const one = await cost(loaded, seconds);
        costs.get(loaded)?.push(one);
        say(`  round ${round}, ${name}, ${loaded.asked.peer.name}: ${describe(one)}`);
      }
    }
  }
  return new Map(
    [...byOperation].map(([operation, peers]) => [
      operation,
      new Map(peers.map((loaded) => [loaded.asked.peer.name, middle(costs.get(loaded) ?? [])])),
    ]),
  );
}

function middle(costs: readonly Cost[]): Cost {
  const of = (field: keyof Cost) => median(costs.map((one) => one[field]));
  return {
    cpuMs: of("cpuMs"),
    requestsPerSecond: of("requestsPerSecond"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

function describe({ cpuMs, requestsPerSecond, p50Ms, p99Ms }: Cost): string {
  return (
    `${cpuMs.toFixed(3)} ms of CPU a request, ${Math.round(requestsPerSecond)} requests/s, ` +
    `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`
  );
}

import { say } from "../support/say.js";
import type { Compared } from "./compare.js";
import { type Cost, describe, type Loaded, load } from "./load.js";
import { median } from "./median.js";
import type { PeerName } from "./peers/peer.js";

/** Before the first round: V8 has compiled by then what it will. */
const WARM_UP_SECONDS = 2;

/** By operation and peer: the middle of the rounds. */
export type Costs = ReadonlyMap<string, ReadonlyMap<PeerName, Cost>>;

/** Loads the peers by turns, operation by operation, so that a moment in which the machine is slow is everybody's. */
export async function measureRounds(
  compared: readonly Compared[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Costs> {
  const costs = new Map<Loaded, Cost[]>(compared.flatMap(({ loads }) => loads).map((loaded) => [loaded, []]));
  for (const loaded of costs.keys()) await load(loaded, WARM_UP_SECONDS);
  for (let round = 1; round <= rounds; round += 1) {
    for (const { operation, loads } of compared) {
      for (const loaded of turned(loads, round)) {
        const cost = await load(loaded, seconds);
        costs.get(loaded)?.push(cost);
        say(`  round ${round}, ${operation.name}, ${loaded.peer.name}: ${describe(cost)}`);
      }
    }
  }
  return new Map(
    compared.map(({ operation, loads }) => [
      operation.name,
      new Map(loads.map((loaded) => [loaded.peer.name, middle(costs.get(loaded) ?? [])])),
    ]),
  );
}

/** Another one begins in each round. */
function turned<Item>(items: readonly Item[], by: number): Item[] {
  const from = by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

function middle(costs: readonly Cost[]): Cost {
  const of = (field: keyof Cost) => median(costs.map((cost) => cost[field]));
  return { cpuMs: of("cpuMs"), requestsPerSecond: of("requestsPerSecond"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms") };
}

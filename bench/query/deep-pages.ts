import { say } from "../support/say.js";
import { describe, type Loaded, load, writeRequests } from "./load.js";
import { median } from "./median.js";
import { ask, type Peer } from "./peers/peer.js";
import { round } from "./round.js";

/** Pages of all licences: the first, and one that has all but so many before it. */
const LEFT = 500;
const ROUNDS = 3;
const SECONDS = 2;

/** How many times what the first page costs, a page deep in the list costs. */
export interface DeepPages {
  readonly cpu: number;
  readonly p50: number;
}

const QUERY = `query Page($first: Int, $after: String, $last: Int, $orderBy: LicenseOrder) {
  licenses(first: $first, after: $after, last: $last, orderBy: $orderBy) {
    nodes { id state holderKind holderKey startedAt storeApp { id name } }
    pageInfo { startCursor }
  }
}`;

const ORDERS = { byId: null, byStart: { field: "STARTED_AT" } } as const;

/** Loads the service with a first page and with one that lies as deep as it can, in each order. */
export async function measureDeepPages(peer: Peer, directory: string): Promise<Record<keyof typeof ORDERS, DeepPages>> {
  const measured = async (name: keyof typeof ORDERS) => {
    const body = (variables: object) =>
      JSON.stringify({ query: QUERY, variables: { orderBy: ORDERS[name], ...variables } });
    const end = await ask(peer, body({ last: LEFT }));
    const after = (JSON.parse(end) as { data: { licenses: { pageInfo: { startCursor: string } } } }).data.licenses
      .pageInfo.startCursor;
    const first = await writeRequests(peer, `first-${name}`, [body({ first: 100 })], directory);
    const deep = await writeRequests(peer, `deep-${name}`, [body({ first: 100, after })], directory);
    return compareLoads(name, first, deep);
  };
  return { byId: await measured("byId"), byStart: await measured("byStart") };
}

async function compareLoads(name: string, first: Loaded, deep: Loaded): Promise<DeepPages> {
  await load(first, SECONDS);
  const ratios: DeepPages[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [ofFirst, ofDeep] = [await load(first, SECONDS), await load(deep, SECONDS)];
    say(`  ${name}: first ${describe(ofFirst)}; deep ${describe(ofDeep)}`);
    ratios.push({ cpu: ofDeep.cpuMs / ofFirst.cpuMs, p50: ofDeep.p50Ms / ofFirst.p50Ms });
  }
  return { cpu: round(median(ratios.map(({ cpu }) => cpu))), p50: round(median(ratios.map(({ p50 }) => p50))) };
}

import "reflect-metadata";
import { type Cluster, startCluster } from "./cluster.js";
import { type Figures, type HistoryResult, playHistory } from "./history.js";
import { type Options, OptionsError, readOptions } from "./options.js";

const options = optionsOrExit();
const cluster = await startCluster();
const began = Date.now();
const results = await playAll(cluster, options).finally(() => cluster.stop());
const wrong = results.filter(({ faults }) => faults.length > 0);
const sum = (of: (result: HistoryResult) => number) => results.reduce((total, result) => total + of(result), 0);
console.log(
  JSON.stringify({
    seed: options.seed,
    histories: results.length,
    wrong: wrong.map(({ index }) => index),
    actions: sum(({ log }) => log.length),
    kills: sum(({ kills }) => kills),
    ...totals(results),
    /** Histories in which only the full read saw everything. */
    staleAfterDelta: results.filter(({ staleRows }) => staleRows.length > 0).map(({ index }) => index),
    seconds: Math.round((Date.now() - began) / 1000),
  }),
);
process.exit(wrong.length === 0 ? 0 : 1);

/** Several at a time, each told of as it ends. */
async function playAll(cluster: Cluster, { histories, seed, first, actions, parallel, log }: Options) {
  const results: HistoryResult[] = [];
  let next = first;
  const play = async () => {
    while (next < first + histories) {
      const index = next++;
      const result = await playHistory(cluster, { seed, index, actions });
      results.push(result);
      tell(result, seed, log);
    }
  };
  await Promise.all(Array.from({ length: parallel }, play));
  return results;
}

function totals(results: readonly HistoryResult[]): Partial<Figures> {
  const names = Object.keys(results[0]?.figures ?? {}) as (keyof Figures)[];
  return Object.fromEntries(names.map((name) => [name, sum(({ figures }) => figures[name])]));
}

function tell({ index, log, kills, faults, staleRows, figures }: HistoryResult, seed: number, always: boolean): void {
  const verdict = faults.length === 0 ? "right" : "WRONG";
  console.log(`history ${index}: ${verdict} (${log.length} actions, ${figures.requests} requests, ${kills} kills)`);
  for (const fault of faults) console.log(`  ${fault}`);
  for (const row of staleRows) console.log(`  not seen by the delta: ${row}`);
  if (faults.length === 0 && !always) return;
  console.log(`  It went like this:\n${log.map((line, at) => `    ${at + 1}. ${line}`).join("\n")}`);
  console.log(`  Again: npm run soak -- --seed ${seed} --first ${index} --histories 1 --actions ${options.actions}`);
}

function optionsOrExit(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    console.error(error.message);
    return process.exit(2);
  }
}

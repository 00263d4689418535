import "reflect-metadata";
import { type Cluster, startCluster } from "./cluster.js";
import type { HistoryResult } from "./history.js";
import { KINDS } from "./kinds.js";
import { type Options, OptionsError, readOptions } from "./options.js";

const options = optionsOrExit();
const cluster = await startCluster();
const began = Date.now();
const results = await playAll(cluster, options).finally(() => cluster.stop());
const wrong = results.filter(({ faults }) => faults.length > 0);
console.log(
  JSON.stringify({
    kind: options.kind,
    seed: options.seed,
    histories: results.length,
    wrong: wrong.map(({ index }) => index),
    actions: results.reduce((total, { log }) => total + log.length, 0),
    ...totals(results),
    withRemarks: results.filter(({ remarks }) => remarks.length > 0).map(({ index }) => index),
    seconds: Math.round((Date.now() - began) / 1000),
  }),
);
process.exit(wrong.length === 0 ? 0 : 1);

/** Several at a time, each told of as it ends. */
async function playAll(cluster: Cluster, { kind, histories, first, parallel, log, untilWrong, ...plan }: Options) {
  const results: HistoryResult[] = [];
  let next = first;
  const play = async () => {
    while (next < first + histories && !(untilWrong && results.some(({ faults }) => faults.length > 0))) {
      const index = next++;
      const onProgress = (words: string) => console.log(`history ${index}: ${words}`);
      const result = await KINDS[kind](cluster, { ...plan, index, onProgress });
      results.push(result);
      tell(result, log);
    }
  };
  await Promise.all(Array.from({ length: parallel }, play));
  return results;
}

function totals(results: readonly HistoryResult[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { figures } of results) {
    for (const [name, figure] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + figure;
  }
  return sums;
}

function tell({ index, log, faults, remarks, figures }: HistoryResult, always: boolean): void {
  const verdict = faults.length === 0 ? "right" : "WRONG";
  const told = Object.entries({ actions: log.length, ...figures }).map(([name, figure]) => `${figure} ${name}`);
  console.log(`history ${index}: ${verdict} (${told.join(", ")})`);
  for (const line of [...faults, ...remarks]) console.log(`  ${line}`);
  if (faults.length === 0 && !always) return;
  console.log(`  It went like this:\n${log.map((line, at) => `    ${at + 1}. ${line}`).join("\n")}`);
  const { kind, seed, actions, restarts, killed } = options;
  const words = ["--kind", kind, "--seed", seed, "--first", index, "--histories", 1, "--actions", actions];
  words.push("--restarts", restarts, ...(killed ? [] : ["--in-order"]));
  console.log(`  Again: npm run soak -- ${words.join(" ")}`);
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
